#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/throttle/judgement.h"

namespace pgwraith::throttle {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class OneSignal : public ::testing::Test {
  protected:
    const SignalState& read(int second, double value, double limit = 100) {
        return judge.judge({at(second), at(second), "", {value, limit, "too slow"}});
    }
    const SignalState& fail(int second, std::optional<int> read_at) {
        std::optional<Clock::time_point> last;
        if (read_at) last = at(*read_at);
        return judge.judge({at(second), last, "permission denied", {50.0, 100.0, "too slow"}});
    }
    Clock::time_point at(int second) const { return start_ + seconds{second}; }

    SignalJudge judge{"commit_latency", "ms"};

  private:
    Clock::time_point start_ = Clock::now();
};

TEST_F(OneSignal, HoldsAboveItsLimitAndLetsGoBelowOnly) {
    EXPECT_FALSE(read(0, 100).holds);
    EXPECT_TRUE(read(1, 101).holds);
    EXPECT_EQ(judge.state().why, "too slow");
    EXPECT_TRUE(read(2, 90).holds) << "near the limit it would come and go";
    EXPECT_FALSE(read(3, 80).holds);
    EXPECT_EQ(judge.state().why, "");
    EXPECT_FALSE(read(4, 95).holds);
}

TEST_F(OneSignal, SaysSinceWhen) {
    EXPECT_EQ(read(0, 1).since, at(0));
    EXPECT_EQ(read(1, 1).since, at(0));
    EXPECT_EQ(read(2, 200).since, at(2));
    EXPECT_EQ(read(3, 300).since, at(2));
}

TEST_F(OneSignal, ALimitThatIsRaisedLetsGo) {
    EXPECT_TRUE(read(0, 150).holds);
    EXPECT_FALSE(read(1, 150, 151).holds);
}

TEST_F(OneSignal, ALimitThatIsLoweredLetsNothingGo) {
    EXPECT_TRUE(read(0, 150).holds);
    EXPECT_TRUE(read(1, 90, 95).holds);
}

TEST_F(OneSignal, WithoutALimitNothingIsTooMuch) {
    const auto& state = judge.judge({at(0), at(0), "", {1e9, std::nullopt, ""}});
    EXPECT_FALSE(state.holds);
    EXPECT_EQ(state.value, 1e9);
}

TEST_F(OneSignal, OneThatCannotBeReadHoldsAfterAGrace) {
    EXPECT_FALSE(read(0, 50).holds);
    EXPECT_FALSE(fail(3, 0).holds);
    EXPECT_TRUE(fail(4, 0).holds);
    EXPECT_THAT(judge.state().why, HasSubstr("signal commit_latency cannot be read: permission denied"));
    EXPECT_FALSE(read(5, 50).holds);
}

TEST_F(OneSignal, OneThatWasNeverReadHoldsAtOnce) {
    EXPECT_TRUE(fail(0, std::nullopt).holds);
    EXPECT_TRUE(judge.judge({at(1), std::nullopt, "", {}}).holds);
    EXPECT_THAT(judge.state().why, HasSubstr("does not answer"));
}

TEST_F(OneSignal, TheWorseTheValueTheMoreSevere) {
    read(0, 150);
    EXPECT_DOUBLE_EQ(judge.severity(), 1.5);
    fail(9, 0);
    EXPECT_GT(judge.severity(), 1'000) << "nobody knows";
}

}  // namespace
}  // namespace pgwraith::throttle
