#include "pace.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

// Parts of 1,000 rows that each of the workers goes through in that time, until it is judged.
void work(Pace& pace, int ms, int most = 8) {
    const auto parts = 3 * pace.workers();
    const auto busy = pace.workers();
    for (int part = 0; part < parts; ++part) pace.took(1'000, milliseconds{ms}, busy, most);
}

TEST(Pace, GrowsWhileEachWorkerIsAsQuickAsOneAlone) {
    Pace pace;
    EXPECT_EQ(pace.workers(), 1);
    for (int workers = 2; workers <= 8; ++workers) {
        work(pace, workers < 5 ? 50 : 60);
        EXPECT_EQ(pace.workers(), workers);
    }
    work(pace, 50);
    EXPECT_EQ(pace.workers(), 8) << "no more than there are to be";
}

TEST(Pace, GivesBackWhatSlowsTheOthersAndWaitsLongerEachTime) {
    Pace pace;
    work(pace, 50);
    work(pace, 80);
    EXPECT_EQ(pace.workers(), 1) << "two together are hardly quicker than one";
    int tries = 0;
    for (int judged = 0; judged < 5; ++judged) {
        work(pace, 50);
        if (pace.workers() > 1) ++tries;
    }
    EXPECT_EQ(tries, 1);
    work(pace, 80);
    for (int judged = 0; judged < 8; ++judged) work(pace, 50);
    EXPECT_EQ(pace.workers(), 1) << "the second time it waits longer";
    work(pace, 50);
    EXPECT_EQ(pace.workers(), 2);
}

TEST(Pace, HalvesWhatIsFarTooMuch) {
    Pace pace;
    for (int workers = 1; workers < 8; ++workers) work(pace, 50);
    ASSERT_EQ(pace.workers(), 8);
    work(pace, 120);
    EXPECT_EQ(pace.workers(), 4);
    work(pace, 70);
    EXPECT_EQ(pace.workers(), 3);
}

TEST(Pace, LearnsAnewHowQuickOneIsAlone) {
    Pace pace;
    work(pace, 50);
    work(pace, 80);
    ASSERT_EQ(pace.workers(), 1);
    for (int judged = 0; judged < 5; ++judged) work(pace, 80);
    ASSERT_EQ(pace.workers(), 2);
    work(pace, 80);
    EXPECT_EQ(pace.workers(), 3) << "it is the application that made it slower";
}

TEST(Pace, FollowsTheSettingAndJudgesByNothingElse) {
    Pace pace;
    for (int workers = 1; workers < 4; ++workers) work(pace, 50);
    ASSERT_EQ(pace.workers(), 4);
    pace.took(1'000, milliseconds{50}, 4, 2);
    EXPECT_EQ(pace.workers(), 2);
    for (int part = 0; part < 20; ++part) {
        pace.took(1'000, milliseconds{500}, 1, 2);
        pace.took(1'000, milliseconds{500}, 0, 2);
        pace.took(0, milliseconds{500}, 2, 2);
    }
    EXPECT_EQ(pace.workers(), 2) << "with another number of workers, and without rows";
    pace.took(1'000, milliseconds{50}, 2, 0);
    EXPECT_EQ(pace.workers(), 1);
}

}  // namespace
}  // namespace pgwraith::transfer
