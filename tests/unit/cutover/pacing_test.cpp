#include <gtest/gtest.h>

#include <vector>

#include "pgwraith/cutover/cutover.h"

namespace pgwraith::cutover {
namespace {

TEST(Pacing, WaitsLongerEachTimeUpToAMinute) {
    Pacing pacing;
    std::vector<std::int64_t> seconds;
    for (int i = 0; i < 9; ++i) seconds.push_back(pacing.next().count() / 1'000);
    EXPECT_EQ(seconds, (std::vector<std::int64_t>{1, 2, 4, 8, 15, 30, 60, 60, 60}));
    EXPECT_EQ(pacing.attempts(), 9U);
}

}  // namespace
}  // namespace pgwraith::cutover
