#include "pgwraith/store/ledger.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "fixture.h"
#include "resident.h"

namespace pgwraith::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Every behaviour twice: with the few keys that are kept in memory, and with more than that.
enum class Size { small, large };

class LedgerTest : public StoreTest, public ::testing::WithParamInterface<Size> {
  protected:
    // Behind every key that a test uses ("~" sorts by length first, then last).
    static constexpr int filler_count = static_cast<int>(Resident::max_keys) + 10;

    void SetUp() override {
        StoreTest::SetUp();
        open();
        if (GetParam() == Size::large) fill();
    }

    BlockingLedger& ledger() { return store->ledger(); }

    void fill() {
        std::vector<LedgerEntry> filler;
        for (int i = 0; i < filler_count; ++i) filler.push_back({key("~filler" + std::to_string(i)), 1, Lsn{1}});
        ledger().add(filler, std::nullopt);
    }

    std::vector<LedgerEntry> mine(const std::string& after = "", std::size_t max = 100) {
        auto found = ledger().read(after, max);
        std::erase_if(found, [](const LedgerEntry& each) { return each.key.find('~') != std::string::npos; });
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(Sizes, LedgerTest, ::testing::Values(Size::small, Size::large),
                         [](const auto& size) { return size.param == Size::small ? "small" : "large"; });

TEST_P(LedgerTest, NewOneIsEmptyAndWithoutPosition) {
    EXPECT_THAT(mine(), IsEmpty());
    EXPECT_EQ(ledger().position(), std::nullopt);
}

TEST_P(LedgerTest, ReadsInKeyOrderWhateverTheOrderOfRecording) {
    ledger().add(std::vector{entry(10, 1, 1), entry(9, 1, 1), entry(100, 1, 1), entry(2, 1, 1)}, std::nullopt);
    EXPECT_THAT(texts(mine()), ElementsAre("2", "9", "10", "100"));
}

// The repair would else be applied under a snapshot that does not see the change, and take the change's place with it.
TEST_P(LedgerTest, ARepairDoesNotReplaceAChange) {
    ledger().add(std::vector{entry(1, 700, 70)}, std::nullopt);
    ledger().add(std::vector{entry(1, 0, 0), entry(2, 0, 0)}, std::nullopt);
    const auto found = mine();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].xid, 700U);
    EXPECT_EQ(found[0].commit, Lsn{70});
    EXPECT_EQ(found[1].xid, 0U) << "a repair of a key without a change is recorded";
    ledger().add(std::vector{entry(2, 800, 80)}, std::nullopt);
    EXPECT_EQ(mine()[1].xid, 800U) << "a change replaces a repair";
}

// What the shadow has too many is deleted only where a row may be gone.
TEST_P(LedgerTest, ARepairTakesFromAChangeThatItsRowStands) {
    auto change = entry(1, 700, 70);
    change.stands = true;
    ledger().add(std::vector{change, entry(2, 700, 70)}, std::nullopt);
    ASSERT_EQ(mine().size(), 2U);
    EXPECT_TRUE(mine()[0].stands);
    EXPECT_FALSE(mine()[1].stands);
    ledger().add(std::vector{entry(1, 0, 0)}, std::nullopt);
    reopen();
    EXPECT_EQ(mine().at(0).xid, 700U);
    EXPECT_FALSE(mine().at(0).stands);
    EXPECT_EQ(ledger().remove_unchanged(std::vector{change}), 0U) << "it was read before the repair";
}

// A row that one transaction updates and then deletes, recorded in two writes.
TEST_P(LedgerTest, WhatItsOwnTransactionTookLaterIsAnotherRecord) {
    const auto add = [&](bool stands) {
        ChangedKeys changes;
        changes.add(std::vector<std::string_view>{"1"}, 10, Lsn{100}, stands);
        ledger().add_changes(changes, Lsn{100});
    };
    add(true);
    const auto read = mine();
    ASSERT_EQ(read.size(), 1U);
    EXPECT_TRUE(read[0].stands);
    add(false);
    EXPECT_EQ(ledger().remove_unchanged(read), 0U);
    ASSERT_EQ(mine().size(), 1U);
    EXPECT_FALSE(mine()[0].stands);
    EXPECT_EQ(mine()[0].xid, 10U);
}

TEST_P(LedgerTest, PagesThroughWithAfter) {
    ledger().add(std::vector{entry(1, 1, 1), entry(2, 1, 1), entry(3, 1, 1), entry(4, 1, 1), entry(5, 1, 1)},
                 std::nullopt);
    const auto first = mine("", 2);
    EXPECT_THAT(texts(first), ElementsAre("1", "2"));
    const auto second = mine(first.back().key, 2);
    EXPECT_THAT(texts(second), ElementsAre("3", "4"));
    EXPECT_THAT(texts(mine(second.back().key, 1)), ElementsAre("5"));
    EXPECT_THAT(mine(key(5)), IsEmpty());
    EXPECT_THAT(texts(mine(key(35), 2)), IsEmpty()) << "a key that is not there";
}

TEST_P(LedgerTest, LaterEntryReplacesEarlier) {
    ledger().add(std::vector{entry(1, 10, 100)}, std::nullopt);
    ledger().add(std::vector{entry(1, 11, 200), entry(1, 12, 300)}, std::nullopt);
    const auto found = mine();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].xid, 12u);
    EXPECT_EQ(found[0].commit, Lsn{300});
}

TEST_P(LedgerTest, RecordsWhatTheStreamBrings) {
    const auto add = [](ChangedKeys& changes, std::string_view text, Xid xid, std::uint64_t commit) {
        changes.add(std::vector<std::string_view>{text}, xid, Lsn{commit}, true);
    };
    ledger().add(std::vector{entry(3, 0, 0)}, std::nullopt);
    ChangedKeys changes;
    add(changes, "2", 0x0000'0007'ffff'fffe, 0xfedc'ba98'7654'3210);
    add(changes, "1", 10, 100);
    add(changes, "3", 10, 100);
    add(changes, "1", 11, 200);
    ledger().add_changes(changes, Lsn{300});
    const auto found = mine();
    EXPECT_THAT(texts(found), ElementsAre("1", "2", "3"));
    EXPECT_EQ(found.at(0).xid, 11u) << "the later one of the same key";
    EXPECT_EQ(found.at(0).commit, Lsn{200});
    EXPECT_EQ(found.at(1).xid, 0x0000'0007'ffff'fffeu);
    EXPECT_EQ(found.at(1).commit, Lsn{0xfedc'ba98'7654'3210});
    EXPECT_EQ(found.at(2).xid, 10u) << "a change replaces a repair";
    EXPECT_EQ(ledger().position(), Lsn{300});
    changes.clear();
    ledger().add_changes(changes, Lsn{400});
    EXPECT_EQ(ledger().position(), Lsn{400});
    EXPECT_EQ(mine().size(), 3u);
    reopen();
    EXPECT_EQ(texts(mine()), texts(found));
}

TEST_P(LedgerTest, MoreThanFitsInMemoryComesInOnePiece) {
    ChangedKeys changes;
    for (int number = 0; number < filler_count; ++number) {
        const auto text = std::to_string(number);
        changes.add(std::vector<std::string_view>{text}, 5, Lsn{50}, true);
    }
    ledger().add_changes(changes, Lsn{60});
    EXPECT_EQ(mine("", SIZE_MAX).size(), static_cast<std::size_t>(filler_count));
    EXPECT_GE(ledger().pending_estimate(), static_cast<std::uint64_t>(filler_count));
}

TEST_P(LedgerTest, KeepsWideXidAndPosition) {
    const Xid xid = 0x0000'0007'ffff'fffe;
    const Lsn commit{0xfedc'ba98'7654'3210};
    ledger().add(std::vector<LedgerEntry>{{key(1), xid, commit}}, commit);
    reopen();
    EXPECT_EQ(ledger().position(), commit);
    EXPECT_EQ(mine().at(0).xid, xid);
    EXPECT_EQ(mine().at(0).commit, commit);
}

TEST_P(LedgerTest, PositionAloneCanBeRecorded) {
    ledger().add({}, Lsn{77});
    EXPECT_EQ(ledger().position(), Lsn{77});
    ledger().add(std::vector{entry(1, 1, 1)}, std::nullopt);
    EXPECT_EQ(ledger().position(), Lsn{77}) << "no position given: the old one stays";
}

TEST_P(LedgerTest, SurvivesReopening) {
    ledger().add(std::vector{entry(1, 10, 100), entry(2, 20, 200)}, Lsn{300});
    ledger().sync();
    EXPECT_EQ(ledger().remove_unchanged(std::vector{entry(1, 10, 100)}), 1u);
    reopen();
    EXPECT_THAT(texts(mine()), ElementsAre("2"));
    EXPECT_EQ(ledger().position(), Lsn{300});
}

TEST_P(LedgerTest, RemovesOnlyWhatHasNotChangedSince) {
    ledger().add(std::vector{entry(1, 1, 10), entry(2, 1, 10), entry(3, 1, 10)}, std::nullopt);
    const auto read = mine();
    ledger().add(std::vector{entry(2, 2, 20)}, std::nullopt);
    EXPECT_EQ(ledger().remove_unchanged(read), 2u);
    const auto left = mine();
    EXPECT_THAT(texts(left), ElementsAre("2"));
    EXPECT_EQ(ledger().remove_unchanged(left), 1u);
    EXPECT_EQ(ledger().remove_unchanged(left), 0u) << "gone already";
}

TEST_P(LedgerTest, SameTransactionIdWithAnotherCommitIsAChange) {
    ledger().add(std::vector{entry(1, 5, 10)}, std::nullopt);
    EXPECT_EQ(ledger().remove_unchanged(std::vector{entry(1, 5, 11)}), 0u);
    EXPECT_EQ(ledger().remove_unchanged(std::vector{entry(1, 6, 10)}), 0u);
    EXPECT_EQ(ledger().remove_unchanged(std::vector{entry(1, 5, 10)}), 1u);
}

TEST_P(LedgerTest, RemovesMoreThanOneSlice) {
    std::vector<LedgerEntry> many;
    for (int i = 1000; i < 3000; ++i) many.push_back(entry(i, 1, 1));
    ledger().add(many, std::nullopt);
    EXPECT_EQ(ledger().remove_unchanged(many), many.size());
    EXPECT_THAT(mine(), IsEmpty());
}

TEST_P(LedgerTest, ContainsAnswersForEachKey) {
    ledger().add(std::vector{entry(1, 1, 1), entry(3, 1, 1)}, std::nullopt);
    const std::vector<std::string> keys{key(3), key(2), key(1), key(4)};
    EXPECT_THAT(ledger().contains(keys), ElementsAre(true, false, true, false));
    ledger().remove_unchanged(std::vector{entry(3, 1, 1)});
    EXPECT_THAT(ledger().contains(keys), ElementsAre(false, false, true, false));
    std::vector<std::string> many(1000, key(2));
    many.back() = key(1);
    const auto found = ledger().contains(many);
    EXPECT_EQ(std::count(found.begin(), found.end(), true), 1);
    EXPECT_TRUE(found.back());
}

// One thread records versions of a few keys, another removes what it has read. Whatever they interleave to, the
// last version of a key is either in the ledger or was removed as that version, never lost as an earlier one.
TEST_P(LedgerTest, RemovalNeverTakesAKeyRecordedAgain) {
    constexpr int key_count = 8;
    constexpr Xid version_count = 2000;
    std::atomic<bool> finished = false;
    std::map<std::string, Xid> removed;
    std::thread remover([&] {
        while (!finished) {
            for (const auto& each : mine("", key_count)) {
                if (ledger().remove_unchanged(std::vector{each}) == 1) {
                    removed[each.key] = std::max(removed[each.key], each.xid);
                }
            }
        }
    });
    for (Xid version = 1; version <= version_count; ++version) {
        for (int i = 0; i < key_count; ++i) ledger().add(std::vector{entry(i, version, version)}, std::nullopt);
    }
    finished = true;
    remover.join();
    for (int i = 0; i < key_count; ++i) {
        const bool left = ledger().contains(std::vector{key(i)}).at(0);
        EXPECT_EQ(left, removed[key(i)] != version_count) << "key " << i;
    }
}

TEST_P(LedgerTest, HostileBytesAreJustBytes) {
    const std::string nasty("\0\xff\n'\"\\", 6);
    ledger().add(std::vector<LedgerEntry>{{key(nasty), 1, Lsn{1}}}, std::nullopt);
    reopen();
    EXPECT_THAT(texts(mine()), ElementsAre(nasty));
}

TEST_P(LedgerTest, EmptyKeyIsABug) {
    EXPECT_THROW(ledger().add(std::vector<LedgerEntry>{{"", 1, Lsn{1}}}, Lsn{5}), Error);
    EXPECT_EQ(ledger().position(), std::nullopt) << "nothing of the batch was written";
}

class PendingTest : public StoreTest {};

TEST_F(PendingTest, CountIsExactWhileSmall) {
    open();
    for (Xid version = 1; version <= 50; ++version) {
        store->ledger().add(std::vector{entry(1, version, version), entry(2, version, version)}, std::nullopt);
    }
    EXPECT_EQ(store->ledger().pending_estimate(), 2u);
    store->ledger().remove_unchanged(std::vector{entry(1, 50, 50)});
    EXPECT_EQ(store->ledger().pending_estimate(), 1u);
    reopen();
    EXPECT_EQ(store->ledger().pending_estimate(), 1u);
}

// More keys than are kept in memory, worked off page by page while more come: all of them are seen.
TEST_F(PendingTest, GrowsBeyondMemoryAndShrinksBack) {
    open();
    constexpr int entry_count = static_cast<int>(Resident::max_keys) * 2;
    std::vector<LedgerEntry> all;
    for (int i = 0; i < entry_count; ++i) all.push_back(entry(i, 1, 1));
    store->ledger().add(all, std::nullopt);
    EXPECT_NEAR(static_cast<double>(store->ledger().pending_estimate()), entry_count, entry_count / 10.0);
    std::size_t seen = 0;
    for (;;) {
        const auto page = store->ledger().read("", 7'001);
        if (page.empty()) break;
        seen += page.size();
        ASSERT_EQ(store->ledger().remove_unchanged(page), page.size());
    }
    EXPECT_EQ(seen, static_cast<std::size_t>(entry_count));
    EXPECT_EQ(store->ledger().pending_estimate(), 0u);
    store->ledger().add(std::vector{entry(7, 2, 2)}, std::nullopt);
    EXPECT_EQ(store->ledger().pending_estimate(), 1u);
    reopen();
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("7"));
}

}  // namespace
}  // namespace pgwraith::store
