#include "pgwraith/base/lsn.h"

#include <limits>

#include <gtest/gtest.h>

namespace pgwraith {
namespace {

TEST(Lsn, TextIsPostgresqlsAndReadsBack) {
    const Lsn lsn{0x16B374D848ULL};
    EXPECT_EQ(lsn.text(), "16/B374D848");
    EXPECT_EQ(Lsn::parse("16/B374D848"), lsn);
    EXPECT_EQ(Lsn::parse("16/b374d848"), lsn);
    EXPECT_EQ(Lsn{}.text(), "0/0");
    EXPECT_FALSE(static_cast<bool>(*Lsn::parse("0/0")));
    EXPECT_EQ(Lsn::parse("FFFFFFFF/FFFFFFFF"), Lsn{std::numeric_limits<std::uint64_t>::max()});
    EXPECT_LT(*Lsn::parse("1/FFFFFFFF"), *Lsn::parse("2/0"));
}

TEST(Lsn, AnythingElseIsNotAnLsn) {
    for (const char* text : {"", "/", "1/", "/1", "1", "1/2/3", "G/0", "1/ 2", "-1/2", "+1/2", "0x1/2", "1/2 ",
                             "000000001/0", "1/123456789"}) {
        EXPECT_FALSE(Lsn::parse(text)) << '"' << text << '"';
    }
}

TEST(ExtendXid, TakesTheEpochNearestToTheReference) {
    constexpr Xid epoch = 1ULL << 32;
    EXPECT_EQ(extend_xid(1000, 1005), 1000U);
    EXPECT_EQ(extend_xid(1010, 1005), 1010U);
    EXPECT_EQ(extend_xid(1000, 5 * epoch + 1005), 5 * epoch + 1000);
    // Around the wrap, both ways.
    EXPECT_EQ(extend_xid(0xFFFFFFF0U, 5 * epoch + 10), 5 * epoch - 16);
    EXPECT_EQ(extend_xid(10, 5 * epoch - 16), 5 * epoch + 10);
    // Below the first epoch there is nothing.
    EXPECT_EQ(extend_xid(0xFFFFFFF0U, 10), 0xFFFFFFF0U);
}

TEST(ExtendXid, IdsBelowTheFirstNormalOneHaveNoEpoch) {
    EXPECT_EQ(extend_xid(0, 7ULL << 32), 0U);
    EXPECT_EQ(extend_xid(2, 7ULL << 32), 2U);
    EXPECT_EQ(extend_xid(3, 7ULL << 32), (7ULL << 32) + 3);
}

TEST(Snapshot, ParsesWhatTheServerPrints) {
    const auto snapshot = Snapshot::parse("10:20:10,14,15");
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->xmin, 10U);
    EXPECT_EQ(snapshot->xmax, 20U);
    EXPECT_EQ(snapshot->in_progress, (std::vector<Xid>{10, 14, 15}));
    const auto idle = Snapshot::parse("8589934592:8589934592:");
    ASSERT_TRUE(idle);
    EXPECT_EQ(idle->xmax, 8589934592U);
    EXPECT_TRUE(idle->in_progress.empty());
}

TEST(Snapshot, AnythingElseIsNotASnapshot) {
    for (const char* text : {"", "10", "10:20", ":20:", "10::", "0:20:", "20:10:", "20:10:15", "10:20:9", "10:20:20",
                             "10:20:11,", "10:20:11,,12", "10:20:x", "10:20:11:12", "-1:20:", "10:20: 11"}) {
        EXPECT_FALSE(Snapshot::parse(text)) << '"' << text << '"';
    }
}

TEST(Snapshot, SeesWhatHadEnded) {
    const Snapshot snapshot{10, 20, {10, 14}};
    EXPECT_TRUE(snapshot.sees(9));
    EXPECT_FALSE(snapshot.sees(10));
    EXPECT_TRUE(snapshot.sees(11));
    EXPECT_FALSE(snapshot.sees(14));
    EXPECT_TRUE(snapshot.sees(19));
    EXPECT_FALSE(snapshot.sees(20));
    EXPECT_TRUE(snapshot.sees(0)) << "no transaction is visible to everyone";
    EXPECT_TRUE(Snapshot{}.sees(0));
}

}  // namespace
}  // namespace pgwraith
