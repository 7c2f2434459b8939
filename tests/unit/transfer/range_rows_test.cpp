#include "range_rows.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

constexpr milliseconds range_target{100};

TEST(RangeRows, AreAsManyAsTakeTheTarget) {
    EXPECT_EQ(next_range_rows(10'000, milliseconds{100}, range_target), 10'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{200}, range_target), 5'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{80}, range_target), 12'500U);
}

TEST(RangeRows, GrowTwofoldAtMostAndShrinkTenfoldAtMost) {
    EXPECT_EQ(next_range_rows(10'000, milliseconds{0}, range_target), 20'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{100'000}, range_target), 1'000U);
}

TEST(RangeRows, HaveLimits) {
    EXPECT_EQ(next_range_rows(50'000, milliseconds{1}, range_target), 50'000U);
    EXPECT_EQ(next_range_rows(100, milliseconds{100'000}, range_target), 100U);
}

}  // namespace
}  // namespace pgwraith::transfer
