#include "pgwraith/base/background.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace pgwraith {
namespace {

TEST(Background, IsWaitedForOnlySoLong) {
    std::promise<void> release;
    auto released = release.get_future().share();
    in_background([released] { released.wait(); });
    EXPECT_FALSE(finish_background(milliseconds{20}));
    release.set_value();
    EXPECT_TRUE(finish_background(milliseconds{60'000}));
}

TEST(Background, OwnsNothingAnyMoreWhenItHasEnded) {
    auto owned = std::make_shared<int>(1);
    in_background([owned] {});
    EXPECT_TRUE(finish_background(milliseconds{60'000}));
    EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace pgwraith
