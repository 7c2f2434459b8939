#include "swap_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::cutover {
namespace {

using testing::HasSubstr;
using testing::Not;

transfer::PassResult pass(std::uint64_t seen, milliseconds took) {
    transfer::PassResult result;
    result.seen = seen;
    result.took = took;
    return result;
}

TEST(NearlyCurrent, IsWhereFewKeysAreLeft) {
    EXPECT_TRUE(is_nearly_current(pass(0, milliseconds{0})));
    EXPECT_TRUE(is_nearly_current(pass(300, milliseconds{1'000})));
    EXPECT_FALSE(is_nearly_current(pass(301, milliseconds{50})));
}

TEST(NearlyCurrent, IsAlsoWhereMoreKeysAreQuicklyApplied) {
    EXPECT_TRUE(is_nearly_current(pass(3'000, milliseconds{49})));
    EXPECT_FALSE(is_nearly_current(pass(3'001, milliseconds{1}))) << "under the lock they are applied by one session";
}

TEST(Limits, OfTheSessionOutlastTheWeakLocksButNoClient) {
    const auto sql = session_sql(milliseconds{1'000});
    EXPECT_THAT(sql, HasSubstr("idle_in_transaction_session_timeout = '60000ms'"));
    EXPECT_THAT(sql, HasSubstr("tcp_user_timeout = '1000ms'"));
    EXPECT_THAT(sql, HasSubstr("client_connection_check_interval"));
}

TEST(Limits, WhileOthersWaitAreThoseOfTheOperator) {
    const auto sql = blocking_sql(150000, milliseconds{1'000});
    EXPECT_THAT(sql, HasSubstr("statement_timeout = '1000ms'"));
    EXPECT_THAT(sql, HasSubstr("idle_in_transaction_session_timeout = '1000ms'"));
    EXPECT_THAT(sql, Not(HasSubstr("transaction_timeout"))) << "no server before 17 knows it";
    EXPECT_THAT(blocking_sql(170000, milliseconds{1'000}), HasSubstr("SET LOCAL transaction_timeout = '2000ms'"));
}

TEST(Limits, UnderTheLockAreWhatIsLeft) {
    EXPECT_EQ(idling_sql(160000, milliseconds{250}), "SET LOCAL idle_in_transaction_session_timeout = '250ms'");
    EXPECT_THAT(idling_sql(180000, milliseconds{250}),
                HasSubstr("SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = '250ms'"));
}

TEST(Limits, AreNeverSwitchedOff) {
    EXPECT_THAT(idling_sql(170000, milliseconds{0}), HasSubstr("session_timeout = '1ms'")) << "0 would be no limit";
}

}  // namespace
}  // namespace pgwraith::cutover
