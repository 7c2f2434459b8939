#include "pgwraith/store/changed_keys.h"

#include <gmock/gmock.h>

#include "fixture.h"

namespace pgwraith::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> keys_of(const ChangedKeys& changes) {
    std::vector<std::string> found;
    changes.each([&](const ChangedKeys::Entry& record) { found.emplace_back(record.key); });
    return found;
}

TEST(ChangedKeys, VisitsTheRecordsInTheOrderOfAdding) {
    ChangedKeys changes;
    const std::string long_text(70'000, 'x');
    changes.add(std::vector<std::string_view>{"b"}, 1, Lsn{1}, true);
    changes.add(std::vector<std::string_view>{"a", long_text}, 1, Lsn{1}, true);
    changes.add(std::vector<std::string_view>{""}, 1, Lsn{1}, false);
    EXPECT_EQ(changes.size(), 3u);
    EXPECT_GT(changes.bytes(), long_text.size());
    EXPECT_THAT(keys_of(changes), ElementsAre(encode_key(std::vector<std::string_view>{"b"}),
                                              encode_key(std::vector<std::string_view>{"a", long_text}),
                                              encode_key(std::vector<std::string_view>{""})));
}

TEST(ChangedKeys, ValueIsTransactionAndCommit) {
    ChangedKeys changes;
    changes.add(std::vector<std::string_view>{"k"}, 0x0102'0304'0506'0708, Lsn{0x1112'1314'1516'1718}, false);
    changes.each([](const ChangedKeys::Entry& record) {
        EXPECT_EQ(record.value, std::string_view("\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x15\x16\x17\x18"));
    });
}

TEST(ChangedKeys, ValueTellsWhetherARowWasLeft) {
    ChangedKeys changes;
    changes.add(std::vector<std::string_view>{"k"}, 0x0102, Lsn{1}, false);
    changes.add(std::vector<std::string_view>{"k"}, 0x0102, Lsn{1}, true);
    EXPECT_EQ(changes.newest().at(0).value.substr(0, 8), std::string_view("\x80\0\0\0\0\0\x01\x02", 8));
}

TEST(ChangedKeys, TheNewestOfEachKeyComesInTheOrderOfTheKeys) {
    ChangedKeys changes;
    const std::string long_text(40, 'x');
    const auto add = [&](std::string_view text, Xid xid) {
        changes.add(std::vector<std::string_view>{text}, xid, Lsn{xid}, true);
    };
    // Keys that differ in their first bytes, behind the 16th, in their length only, and in bytes above 127.
    for (const auto* text : {"10", "9", "", "\xff", "a", "10", "9"}) add(text, 1 + changes.size());
    add(long_text + "b", 8);
    add(long_text + "a", 9);
    add(long_text + "b", 10);
    add(std::string_view("\0", 1), 11);
    std::vector<std::string> keys;
    std::vector<Xid> xids;
    for (const auto& [key, value] : changes.newest()) {
        keys.emplace_back(key);
        xids.push_back(static_cast<unsigned char>(value[7]));
    }
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    EXPECT_THAT(keys, ElementsAre(key(""), key(std::string_view("\0", 1)), key("9"), key("a"), key("\xff"), key("10"),
                                  key(long_text + "a"), key(long_text + "b")));
    EXPECT_THAT(xids, ElementsAre(3, 11, 7, 5, 4, 6, 9, 10)) << "the last one added";
    EXPECT_THAT(ChangedKeys().newest(), IsEmpty());
}

TEST(ChangedKeys, ClearedIsEmptyAndTakesNewOnes) {
    ChangedKeys changes;
    EXPECT_TRUE(changes.empty());
    changes.add(std::vector<std::string_view>{"k"}, 1, Lsn{1}, true);
    EXPECT_FALSE(changes.empty());
    changes.clear();
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(changes.bytes(), 0u);
    EXPECT_THAT(keys_of(changes), IsEmpty());
    changes.add(std::vector<std::string_view>{"l"}, 1, Lsn{1}, true);
    EXPECT_THAT(keys_of(changes), ElementsAre(key("l")));
}

TEST(ChangedKeys, RefusesWhatIsNoChange) {
    ChangedKeys changes;
    EXPECT_THROW(changes.add(std::vector<std::string_view>{"k"}, 0, Lsn{1}, true), Error);
    EXPECT_THROW(changes.add({}, 1, Lsn{1}, true), Error);
}

}  // namespace
}  // namespace pgwraith::store
