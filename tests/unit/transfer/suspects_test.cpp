#include "suspects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

}  // namespace
}  // namespace pgwraith::transfer
