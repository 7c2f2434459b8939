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

}  // namespace pgwraith::cutover
