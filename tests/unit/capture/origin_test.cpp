#include "pgwraith/capture/origin.h"

#include <gtest/gtest.h>

namespace pgwraith::capture {
namespace {

TEST(Origin, ALookCountsUntilTheNextOneWouldBeDue) {
    const auto now = Clock::now();
    EXPECT_TRUE(looked_lately(now, now));
    EXPECT_TRUE(looked_lately(now - origins_looked_at_every, now));
    EXPECT_FALSE(looked_lately(now - origins_looked_at_every - milliseconds{1}, now));
}

TEST(Origin, WhoHasNotLookedKnowsNothing) { EXPECT_FALSE(looked_lately(std::nullopt, Clock::now())); }

}  // namespace
}  // namespace pgwraith::capture
