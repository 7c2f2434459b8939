#include "pgwraith/transfer/trend.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

TEST(Trend, IsNotSettledWhileKeysBecomeFewer) {
    Trend trend;
    for (const auto seen : {100'000u, 50'000u, 25'000u, 12'000u, 6'000u, 3'000u}) EXPECT_FALSE(trend.settled(seen));
}

TEST(Trend, IsSettledAfterAFewPassesInVain) {
    Trend trend;
    EXPECT_FALSE(trend.settled(10'000));
    EXPECT_FALSE(trend.settled(9'000)) << "hardly fewer";
    EXPECT_FALSE(trend.settled(11'000));
    EXPECT_TRUE(trend.settled(8'500));
    EXPECT_TRUE(trend.settled(20'000)) << "becoming more is no reason to wait";
}

TEST(Trend, BeginsAnewWhenKeysBecomeClearlyFewer) {
    Trend trend;
    for (int i = 0; i < 4; ++i) trend.settled(10'000);
    EXPECT_FALSE(trend.settled(7'900));
    EXPECT_FALSE(trend.settled(7'900));
    EXPECT_FALSE(trend.settled(7'900));
    EXPECT_TRUE(trend.settled(7'900));
}

TEST(Trend, SettlesOnNothing) {
    Trend trend;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(trend.settled(0));
    EXPECT_TRUE(trend.settled(0));
}

}  // namespace
}  // namespace pgwraith::transfer
