#include "pgwraith/throttle/allowance.h"

#include <gtest/gtest.h>

namespace pgwraith::throttle {
namespace {

using namespace std::chrono_literals;

class Workers : public ::testing::Test {
  protected:
    int look(double pressure, milliseconds later = 250ms, int most = 8) {
        now_ += later;
        return allowance_.look(now_, pressure, most);
    }

    Allowance allowance_;

  private:
    Clock::time_point now_ = Clock::now();
};

TEST_F(Workers, BeginWithOneAndAreAllWithinASecondOnAnIdleServer) {
    EXPECT_EQ(allowance_.workers(), 1);
    EXPECT_EQ(look(0.1), 2);
    EXPECT_EQ(look(0.1), 4);
    EXPECT_EQ(look(0.1), 8);
    EXPECT_EQ(look(0.1), 8);
}

TEST_F(Workers, AreHalvedAtOnceAndComeBackOneByOne) {
    for (int time = 0; time < 4; ++time) look(0);
    EXPECT_EQ(look(0.95), 4);
    EXPECT_EQ(look(0.95), 4) << "the change has to show first";
    EXPECT_EQ(look(1.5, 1s), 2);
    EXPECT_EQ(look(1.5, 1s), 1);
    EXPECT_EQ(look(1.5, 1s), 1);
    EXPECT_EQ(look(0.2, 1s), 2);
    EXPECT_EQ(look(0.2, 250ms), 2);
    EXPECT_EQ(look(0.2, 750ms), 3);
}

TEST_F(Workers, ComeToRestBetweenRoomAndNone) {
    look(0);
    look(0);
    for (int time = 0; time < 10; ++time) EXPECT_EQ(look(0.75, 1s), 4);
}

TEST_F(Workers, AreNeverMoreThanAreWanted) {
    for (int time = 0; time < 5; ++time) look(0);
    EXPECT_EQ(look(0, 250ms, 3), 3);
    EXPECT_EQ(look(2, 1s, 3), 1);
    EXPECT_EQ(look(0, 1s, 1), 1);
}

TEST(Pressure, IsThatOfTheWorstSignal) {
    const Clock::time_point now;
    EXPECT_EQ(pressure({}), 0);
    const SignalState slow{"commit_latency", "ms", 50, 100, false, "", now};
    const SignalState none{"replica_lag", "ms", std::nullopt, 100, false, "", now};
    const SignalState exact{"lock_waiters", "sessions", 0, 0, false, "", now};
    const SignalState file{"flag_file", "", std::nullopt, std::nullopt, true, "the file is there", now};
    EXPECT_EQ(pressure({slow, none, exact}), 0.5);
    EXPECT_GT(pressure({slow, file}), 1);
}

TEST(ParallelHelpers, AreFewerWhereThereIsLittleRoom) {
    EXPECT_EQ(parallel_helpers(4, 0), 4);
    EXPECT_EQ(parallel_helpers(4, 0.59), 4);
    EXPECT_EQ(parallel_helpers(4, 0.6), 2);
    EXPECT_EQ(parallel_helpers(1, 0.7), 0);
    EXPECT_EQ(parallel_helpers(4, 0.9), 0);
    EXPECT_EQ(parallel_helpers(4, 2), 0);
    EXPECT_EQ(parallel_helpers(0, 0), 0);
}

}  // namespace
}  // namespace pgwraith::throttle
