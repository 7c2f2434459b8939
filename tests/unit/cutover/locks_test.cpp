#include "pgwraith/cutover/locks.h"

#include <gtest/gtest.h>

namespace pgwraith::cutover {

TEST(LockStatement, TriesInThePlansOrderAndLeavesOutWhatOurRoleMayNotLock) {
    std::vector<carry::Lock> locks;
    locks.push_back(carry::sequence_lock({"public", "t_id_seq"}, "me"));
    locks.push_back(carry::table_lock(carry::Turn::before, {"public", "theirs"}, false));
    locks.push_back(carry::table_lock(carry::Turn::live, {"public", "t"}));
    const auto sql = lock_statement(locks, milliseconds{300});
    const auto sequence = sql.find("ALTER SEQUENCE");
    const auto table = sql.find("LOCK TABLE");
    EXPECT_NE(sequence, std::string::npos);
    EXPECT_LT(sequence, table);
    EXPECT_EQ(sql.find("\"theirs\""), std::string::npos) << "no statement is about it";
    EXPECT_NE(sql.find("'theirs'"), std::string::npos) << "who holds it is asked";
    EXPECT_NE(sql.find("'20 ms'"), std::string::npos) << "the first moment is a fifteenth of lock_timeout";
}

TEST(RefusedLock, IsReadFromTheServersAnswer) {
    const postgres::PgError ours(
        "55P03", "the lock on public.t was not granted",
        R"({"relation" : "public.t", "rounds" : 3, "waited_ms" : 500.5, "longest_ms" : 250.25})");
    const auto refused = refused_lock(ours);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->relation, "public.t");
    EXPECT_EQ(refused->rounds, 3);
    EXPECT_DOUBLE_EQ(refused->longest_ms, 250.25);
    EXPECT_FALSE(refused_lock(postgres::PgError("55P03", "canceling statement due to lock timeout")));
    EXPECT_FALSE(refused_lock(postgres::PgError("57014", "canceling statement due to user request")));
}

TEST(WeakLock, IsOnTheTableAloneWhereItsPartsAreNotOurs) {
    EXPECT_EQ(weak_lock_statement(carry::table_lock(carry::Turn::live, {"public", "t"}), milliseconds{2'000}),
              "SET LOCAL lock_timeout = '2000ms'; LOCK TABLE ONLY \"public\".\"t\" IN SHARE UPDATE EXCLUSIVE MODE");
    const auto other =
        weak_lock_statement(carry::table_lock(carry::Turn::before, {"public", "p"}), milliseconds{2'000});
    EXPECT_NE(other.find("LOCK TABLE \"public\".\"p\""), std::string::npos) << "a partitioned one with its partitions";
}

catalog::LockHolder holder(const std::string& transaction, std::optional<milliseconds> age) {
    catalog::LockHolder holder;
    holder.transaction = transaction;
    holder.age = age;
    return holder;
}

class LongHolding : public ::testing::Test {
  protected:
    std::size_t longer(int second, const std::vector<catalog::LockHolder>& holders) {
        return holders_.longer_than(holders, std::chrono::seconds{5}, start_ + std::chrono::seconds{second}).size();
    }

  private:
    LongHolders holders_;
    Clock::time_point start_ = Clock::now();
};

TEST_F(LongHolding, IsKnownByTheTransactionsAge) {
    EXPECT_EQ(longer(0, {holder("a", milliseconds{5'000})}), 0U);
    EXPECT_EQ(longer(0, {holder("a", milliseconds{5'001})}), 1U);
}

TEST_F(LongHolding, IsKnownByOurOwnClockWhereTheAgeIsHidden) {
    EXPECT_EQ(longer(0, {holder("hidden", std::nullopt)}), 0U);
    EXPECT_EQ(longer(5, {holder("hidden", std::nullopt)}), 0U);
    EXPECT_EQ(longer(6, {holder("hidden", std::nullopt)}), 1U);
}

TEST_F(LongHolding, BeginsAnewWithATransactionThatWasGoneInBetween) {
    longer(0, {holder("a", std::nullopt)});
    longer(3, {});
    EXPECT_EQ(longer(6, {holder("a", std::nullopt)}), 0U);
}

TEST_F(LongHolding, IsNoMatterOfAutovacuum) {
    auto vacuum = holder("v", milliseconds{60'000});
    vacuum.autovacuum = true;
    EXPECT_EQ(longer(0, {vacuum}), 0U) << "it yields to the weak lock";
}

TEST(Rounds, LocksThatWereGivenBackInBetweenDoNotAddUp) {
    EXPECT_DOUBLE_EQ(Rounds{}.longest_wait(10), 10);
    EXPECT_DOUBLE_EQ((Rounds{4, 3}).longest_wait(10), 6) << "the round that got them is the longest";
    EXPECT_DOUBLE_EQ((Rounds{8, 5}).longest_wait(10), 5) << "one before it is";
}

// Before the message there is nothing to commit, behind it there is no transaction.
TEST(Rehearsal, EndsWithARollback) {
    EXPECT_TRUE(end_of_rehearsal().ends_with("; ROLLBACK"));
    EXPECT_EQ(end_of_rehearsal().find("COMMIT"), std::string::npos);
}

}  // namespace pgwraith::cutover
