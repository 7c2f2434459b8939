#include "approach.h"

#include <gtest/gtest.h>

#include "pgwraith/transfer/last_keys.h"

namespace pgwraith::cutover {
namespace {

using Next = Approach::Next;

constexpr milliseconds one_second{1'000};
constexpr double stream = 50;
constexpr double just_now = 200;

transfer::PassResult met(std::uint64_t seen, milliseconds took = milliseconds{300}) {
    transfer::PassResult result;
    result.seen = seen;
    result.took = took;
    return result;
}

// After so many passes over as many keys.
Next after_passes(Approach& approach, int passes, std::uint64_t seen) {
    auto next = Next::pass;
    for (int i = 0; i < passes; ++i) next = approach.after(met(seen), stream, just_now);
    return next;
}

TEST(Approaching, EndsAtOnceWhereFewKeysAreLeft) {
    Approach approach(one_second, std::nullopt);
    EXPECT_EQ(approach.after(met(300), stream, just_now), Next::locks);
}

// Another pass was waited for, which wrote much: the stream is behind now.
TEST(Approaching, GoesOnWhereTheStreamWasCurrentSomeTimeAgo) {
    Approach approach(one_second, std::nullopt);
    EXPECT_EQ(approach.after(met(0), stream, 9'000), Next::pass);
    EXPECT_EQ(approach.after(met(0), stream, just_now), Next::locks);
}

TEST(Approaching, GoesOnWhileKeysBecomeFewer) {
    Approach approach(one_second, std::nullopt);
    for (const auto seen : {40'000u, 20'000u, 10'000u, 5'000u}) {
        EXPECT_EQ(approach.after(met(seen), stream, just_now), Next::pass);
    }
    EXPECT_EQ(approach.after(met(200), stream, just_now), Next::locks);
}

// All rows of a small table change between two passes: they never become fewer, and can be applied under the lock.
TEST(Approaching, EndsWhereKeysNoLongerBecomeFewer) {
    Approach approach(one_second, std::nullopt);
    EXPECT_EQ(after_passes(approach, 3, 20'000), Next::pass);
    EXPECT_EQ(after_passes(approach, 1, 20'000), Next::locks);
}

TEST(Approaching, ReckonsWithAHundredThousandKeysInASecondUntilItIsMeasured) {
    Approach approach(one_second, std::nullopt);
    EXPECT_EQ(after_passes(approach, 4, 80'000), Next::pass);
    EXPECT_EQ(after_passes(approach, 4, 60'000), Next::locks);
    Approach patient(milliseconds{5'000}, std::nullopt);
    EXPECT_EQ(after_passes(patient, 4, 80'000), Next::locks) << "the operator allows it";
}

TEST(Approaching, ReckonsWithWhatAnEarlierAttemptHasMeasured) {
    Approach slow(one_second, 0.05);
    EXPECT_EQ(after_passes(slow, 4, 20'000), Next::pass) << "it would take a second";
    EXPECT_EQ(after_passes(slow, 4, 12'000), Next::locks) << "0.65 s, the stream included";
    Approach behind(one_second, 0.05);
    EXPECT_EQ(after_passes(behind, 4, 13'500), Next::pass) << "the stream counts";
    Approach quick(one_second, 0.01);
    EXPECT_EQ(after_passes(quick, 4, 20'000), Next::locks);
    Approach patient(milliseconds{5'000}, 0.05);
    EXPECT_EQ(after_passes(patient, 4, 20'000), Next::locks) << "the operator allows it";
}

TEST(Approaching, LeavesTheProcessorsToTheStreamUntilTooManyKeysWait) {
    Approach approach(one_second, std::nullopt);
    EXPECT_FALSE(approach.applies_meanwhile());
    after_passes(approach, 3, 20'000);
    EXPECT_FALSE(approach.applies_meanwhile());
    after_passes(approach, 1, 90'000);
    EXPECT_TRUE(approach.applies_meanwhile());
    after_passes(approach, 1, 20'000);
    EXPECT_TRUE(approach.applies_meanwhile()) << "they would become as many again";
}

TEST(Approaching, GivesUpAfterSomeTimeWithMoreThanFits) {
    Approach approach(one_second, std::nullopt);
    const auto many = transfer::most_last_keys + 1;
    EXPECT_EQ(after_passes(approach, 3 + 28, many), Next::pass) << "ten seconds are not over";
    EXPECT_EQ(after_passes(approach, 1, many), Next::give_up);
}

TEST(Approaching, IsPatientAgainWhenKeysBecomeFewer) {
    Approach approach(one_second, 0.05);
    EXPECT_EQ(after_passes(approach, 30, 40'000), Next::pass);
    EXPECT_EQ(after_passes(approach, 30, 20'000), Next::pass);
    EXPECT_EQ(after_passes(approach, 2, 20'000), Next::give_up);
}

}  // namespace
}  // namespace pgwraith::cutover
