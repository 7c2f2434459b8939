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

}  // namespace
}  // namespace pgwraith::migration
