#include "batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using testing::ElementsAre;

store::LedgerEntry entry(const std::string& key, Xid xid) { return {key, xid, Lsn{}}; }

std::vector<std::string> keys(const std::vector<store::LedgerEntry>& entries) {
    std::vector<std::string> keys;
    for (const auto& entry : entries) keys.push_back(entry.key);
    return keys;
}

TEST(Workers, JoinWhileBatchesWaitAndTheyMay) {
    EXPECT_TRUE(one_more_worker(0, 0, 4)) << "somebody must take the first batch";
    EXPECT_FALSE(one_more_worker(1, 0, 4)) << "the others have taken what was there";
    EXPECT_TRUE(one_more_worker(1, 1, 4));
    EXPECT_TRUE(one_more_worker(3, 1, 4));
    EXPECT_FALSE(one_more_worker(4, 1, 4));
    EXPECT_FALSE(one_more_worker(3, 1, 2)) << "fewer are allowed by now";
}

// A row that is read before its transaction is visible would be the old one, and its key would be forgotten.
TEST(Invisible, EntriesStayInTheLedger) {
    const auto snapshot = Snapshot::parse("100:110:103,105");
    ASSERT_TRUE(snapshot);
    std::vector<store::LedgerEntry> batch{entry("ended", 99), entry("runs", 103),  entry("ended too", 104),
                                          entry("repair", 0), entry("later", 110), entry("runs too", 105)};
    EXPECT_EQ(take_out_invisible(batch, *snapshot), 3U);
    EXPECT_THAT(keys(batch), ElementsAre("ended", "ended too", "repair")) << "in their order";
    EXPECT_EQ(take_out_invisible(batch, *snapshot), 0U);
}

TEST(Gone, IsAskedOfWhatDidNotLeaveARow) {
    std::vector<store::LedgerEntry> batch{entry("updated", 1), entry("deleted", 1), entry("repair", 0)};
    batch[0].stands = true;
    EXPECT_THAT(keys_maybe_gone(batch), ElementsAre("deleted", "repair"));
    EXPECT_THAT(keys_maybe_gone({batch[0]}), ElementsAre());
}

TEST(Conflict, IsNotTheDatasFault) {
    for (const char* state : {"23505", "23P01", "40001", "40P01"}) {
        EXPECT_TRUE(is_conflict(postgres::PgError(state, "x"))) << state;
    }
    for (const char* state : {"23514", "22P02", "55P03", "08006"}) {
        EXPECT_FALSE(is_conflict(postgres::PgError(state, "x"))) << state;
    }
}

}  // namespace
}  // namespace pgwraith::transfer
