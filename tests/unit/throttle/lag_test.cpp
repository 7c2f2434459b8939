#include "pgwraith/throttle/lag.h"

#include <gtest/gtest.h>

namespace pgwraith::throttle {
namespace {

using std::chrono::seconds;

const Clock::time_point start{};

TEST(WalClock, NothingObservedIsNoLag) { EXPECT_EQ(WalClock().lag(start, Lsn{0}), milliseconds{0}); }

TEST(WalClock, AStandbyIsAsFarBehindAsItsFirstMissingPositionIsOld) {
    WalClock clock;
    for (int i = 0; i <= 10; ++i) clock.observe(start + seconds{i}, Lsn{100U + static_cast<std::uint64_t>(i) * 10});
    const auto now = start + seconds{10};
    EXPECT_EQ(clock.lag(now, Lsn{200}), milliseconds{0});
    EXPECT_EQ(clock.lag(now, Lsn{300}), milliseconds{0}) << "ahead of what was observed";
    EXPECT_EQ(clock.lag(now, Lsn{190}), milliseconds{0}) << "the newest position is missing, since now";
    EXPECT_EQ(clock.lag(now, Lsn{150}), milliseconds{4'000});
    EXPECT_EQ(clock.lag(now, Lsn{155}), milliseconds{4'000});
    EXPECT_EQ(clock.lag(now + seconds{5}, Lsn{150}), milliseconds{9'000}) << "grows while its replay stands still";
}

TEST(WalClock, AnIdleServerDoesNotMakeAStandbyOld) {
    WalClock clock;
    for (int i = 0; i < 1'000; ++i) clock.observe(start + seconds{i}, Lsn{100});
    EXPECT_EQ(clock.lag(start + seconds{999}, Lsn{100}), milliseconds{0});
    // What comes after the rest counts from when it came.
    clock.observe(start + seconds{1'000}, Lsn{200});
    EXPECT_EQ(clock.lag(start + seconds{1'002}, Lsn{100}), milliseconds{2'000});
}

TEST(WalClock, APositionThatLongStoodStillCountsFromItsFirstTime) {
    WalClock clock;
    clock.observe(start, Lsn{100});
    for (int i = 1; i <= 60; ++i) clock.observe(start + seconds{i}, Lsn{200});
    EXPECT_EQ(clock.lag(start + seconds{60}, Lsn{100}), milliseconds{59'000});
}

TEST(WalClock, BeyondItsMemoryTheOldestObservationIsTheLeast) {
    WalClock clock(seconds{10});
    for (int i = 0; i <= 100; ++i) clock.observe(start + seconds{i}, Lsn{100U + static_cast<std::uint64_t>(i)});
    EXPECT_EQ(clock.lag(start + seconds{100}, Lsn{1}), milliseconds{10'000});
}

}  // namespace
}  // namespace pgwraith::throttle
