#include "suspects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds target{100};

TEST(Differences, AreTrueOnlyWhereNoChangeIsToCome) {
    const auto sorted =
        sort_differences({{"a", "a differs"}, {"b", "b differs"}, {"c", "c differs"}}, {false, true, false});
    EXPECT_THAT(sorted.under_way, ElementsAre("b"));
    ASSERT_EQ(sorted.wrong.size(), 2U);
    EXPECT_EQ(sorted.wrong[0].key, "a");
    EXPECT_EQ(sorted.wrong[1].text, "c differs");
}

TEST(Differences, NoneIsNone) {
    const auto sorted = sort_differences({}, {});
    EXPECT_THAT(sorted.under_way, IsEmpty());
    EXPECT_THAT(sorted.wrong, IsEmpty());
}

TEST(Differences, AnAnswerThatDoesNotFitIsNotBelieved) {
    EXPECT_THROW(sort_differences({{"a", ""}}, {}), Error) << "a missing answer must not make a difference true";
}

TEST(RangeRows, AreAsManyAsTakeTheTarget) {
    EXPECT_EQ(next_range_rows(10'000, milliseconds{100}, target), 10'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{200}, target), 5'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{80}, target), 12'500U);
}

TEST(RangeRows, GrowTwofoldAtMostAndShrinkTenfoldAtMost) {
    EXPECT_EQ(next_range_rows(10'000, milliseconds{0}, target), 20'000U);
    EXPECT_EQ(next_range_rows(10'000, milliseconds{100'000}, target), 1'000U);
}

TEST(RangeRows, HaveLimits) {
    EXPECT_EQ(next_range_rows(500'000, milliseconds{1}, target), 500'000U);
    EXPECT_EQ(next_range_rows(100, milliseconds{100'000}, target), 100U);
}

}  // namespace
}  // namespace pgwraith::transfer
