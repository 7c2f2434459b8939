#include "speed.h"

#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using std::chrono::milliseconds;

const Clock::time_point start{};

Clock::time_point at(int ms) { return start + milliseconds{ms}; }

TEST(Speed, IsWhatWasDoneInTheTimeBetween) {
    Speed speed;
    EXPECT_EQ(speed.measure(at(0), Phase::copy, 1'000), std::nullopt) << "the first look says nothing yet";
    EXPECT_EQ(speed.measure(at(999), Phase::copy, 1'500), std::nullopt) << "too soon";
    EXPECT_DOUBLE_EQ(speed.measure(at(2'000), Phase::copy, 3'000).value(), 1'000);
}

TEST(Speed, IsSmoothed) {
    Speed speed;
    speed.measure(at(0), Phase::copy, 0);
    speed.measure(at(1'000), Phase::copy, 1'000);
    EXPECT_DOUBLE_EQ(speed.measure(at(2'000), Phase::copy, 1'000).value(), 700) << "a pause does not make it zero";
    EXPECT_DOUBLE_EQ(speed.measure(at(3'000), Phase::copy, 3'000).value(), 0.7 * 700 + 0.3 * 2'000);
}

TEST(Speed, ANewPhaseBeginsAnew) {
    Speed speed;
    speed.measure(at(0), Phase::copy, 0);
    speed.measure(at(1'000), Phase::copy, 5'000);
    EXPECT_EQ(speed.measure(at(2'000), Phase::verify, 0), std::nullopt);
    EXPECT_DOUBLE_EQ(speed.measure(at(3'000), Phase::verify, 10).value(), 10);
}

TEST(Speed, ACopyThatStartsOverIsNotNegative) {
    Speed speed;
    speed.measure(at(0), Phase::copy, 0);
    speed.measure(at(1'000), Phase::copy, 5'000);
    EXPECT_EQ(speed.measure(at(2'000), Phase::copy, 100), std::nullopt);
}

TEST(TimeLeft, IsTheRestAtTheSameSpeed) {
    EXPECT_EQ(time_left(250, 50, 0.25), milliseconds{15'000});
    EXPECT_EQ(time_left(500, 100, 0.5), milliseconds{5'000});
}

TEST(TimeLeft, IsNotSaidWhenItWouldOnlyJump) {
    EXPECT_EQ(time_left(20, 100, 0.02), std::nullopt) << "just begun";
    EXPECT_EQ(time_left(1'000, 100, 1), std::nullopt) << "over";
    EXPECT_EQ(time_left(500, 0, 0.5), std::nullopt) << "nothing moves";
    EXPECT_EQ(time_left(500, 1e-6, 0.5), std::nullopt) << "it stands, and the speed is what is left of an average";
    EXPECT_EQ(time_left(0, 100, 0.5), std::nullopt) << "no rows";
}

TEST(Growth, IsSmoothedAndAFallBeginsAnew) {
    Growth growth;
    EXPECT_EQ(growth.measure(at(0), 1'000), std::nullopt);
    EXPECT_EQ(growth.measure(at(500), 1'500), std::nullopt) << "too soon";
    EXPECT_DOUBLE_EQ(growth.measure(at(1'000), 2'000).value(), 1'000);
    EXPECT_DOUBLE_EQ(growth.measure(at(2'000), 2'000).value(), 700);
    EXPECT_EQ(growth.measure(at(3'000), 10), std::nullopt);
    EXPECT_EQ(growth.per_second(), 0);
}

TEST(TimeUntilSlotIsLost, IsSaidOnceAQuarterOfTheAllowanceIsUsed) {
    constexpr std::uint64_t mib = 1 << 20;
    constexpr std::int64_t gib = 1 << 30;
    EXPECT_EQ(time_until_slot_is_lost(34 * mib, 20 * gib, 25.0 * mib), std::nullopt) << "between two checkpoints";
    EXPECT_EQ(time_until_slot_is_lost(1024 * mib, 3 * gib, 1.0 * mib), milliseconds{3'072'000});
    EXPECT_EQ(time_until_slot_is_lost(1023 * mib, 3 * gib, 1.0 * mib), std::nullopt);
    EXPECT_EQ(time_until_slot_is_lost(1024 * mib, 3 * gib, 0), std::nullopt) << "it does not grow";
    EXPECT_EQ(time_until_slot_is_lost(1024 * mib, 3 * gib, 100), std::nullopt) << "a year";
    EXPECT_EQ(time_until_slot_is_lost(1024 * mib, -5, 100), milliseconds{0}) << "over already";
}

TEST(TimeToTheSwap, AddsWhatFollows) {
    Progress progress;
    progress.phase = Phase::copy;
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{1'000}), std::nullopt) << "the pace is not known yet";
    progress.eta = milliseconds{60'000};
    // Of a copy of 100 s: 60 are left; the shadow's VACUUM takes 10, two indexes 70, the comparison a quarter.
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{40'000}), milliseconds{60'000 + 80'000 + 25'000});
    EXPECT_EQ(time_to_the_swap(progress, 2, false, milliseconds{40'000}), milliseconds{140'000});
    EXPECT_EQ(time_to_the_swap(progress, 10, false, milliseconds{40'000}), milliseconds{60'000 + 10'000 + 350'000});
    progress.throttled = "paused";
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{40'000}), std::nullopt);
    progress.throttled.reset();
    progress.phase = Phase::build;
    progress.eta.reset();
    progress.phase_times = {{Phase::prepare, milliseconds{500}}, {Phase::copy, milliseconds{100'000}}};
    progress.units_total = 4;
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{10'000}), std::nullopt) << "no index stands";
    progress.units_done = 1;
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{10'000}), milliseconds{30'000 + 25'000});
    progress.phase = Phase::verify;
    progress.eta = milliseconds{7'000};
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{10'000}), milliseconds{7'000});
    progress.phase = Phase::ready;
    EXPECT_EQ(time_to_the_swap(progress, 2, true, milliseconds{10'000}), std::nullopt);
}

TEST(FillSpeed, IsTheRestOfThePassAndTheLookAfterIt) {
    FillSpeed fill;
    EXPECT_EQ(fill.left(), std::nullopt);
    fill.measure(at(0), 1, 100, 10'000);
    EXPECT_EQ(fill.left(), std::nullopt) << "the pace is not known yet";
    fill.measure(at(1'000), 1, 1'100, 10'000);
    fill.measure(at(2'000), 1, 2'100, 10'000);
    // 1,000 blocks a second: 7.9 s of ten, and a tenth of ten for the look.
    EXPECT_EQ(fill.left(), milliseconds{7'900 + 1'000});
    fill.measure(at(2'100), 1, 7'500, 10'000);
    EXPECT_EQ(fill.left(), milliseconds{2'500 + 1'000}) << "the pace is that of before";
    fill.measure(at(12'000), 1, 10'000, 10'000);
    EXPECT_EQ(fill.left(), std::nullopt) << "the pass is over, and the next has not begun";
    fill.measure(at(13'000), 2, 2'000, 10'000);
    EXPECT_EQ(fill.left(), std::nullopt);
    fill.measure(at(14'000), 2, 6'000, 10'000);
    EXPECT_EQ(fill.left(), milliseconds{1'000}) << "a later pass has a pace of its own";
}

TEST(FillSpeed, GuessesTheStepsAfterIt) {
    FillSpeed fill;
    fill.measure(at(0), 1, 0, 10'000);
    fill.measure(at(1'000), 1, 1'000, 10'000);
    ASSERT_EQ(fill.left(), milliseconds{9'000 + 1'000});
    EXPECT_EQ(fill.left_in_all(0, 0, false), fill.left());
    EXPECT_EQ(fill.left_in_all(2, 1, true), milliseconds{10'000 + 1'000 + 2'000 + 1'000});
    FillSpeed resumed;
    resumed.measure(at(0), 2, 0, 10'000);
    resumed.measure(at(1'000), 2, 5'000, 10'000);
    EXPECT_EQ(resumed.left_in_all(0, 0, false), milliseconds{1'000});
    EXPECT_EQ(resumed.left_in_all(1, 0, false), std::nullopt) << "what filling took is not known";
}

}  // namespace
}  // namespace pgwraith::migration
