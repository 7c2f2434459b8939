#include "convergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/transfer/last_keys.h"

namespace pgwraith::migration {
namespace {

transfer::PassResult pass(std::uint64_t seen, milliseconds took = std::chrono::seconds{10}) {
    transfer::PassResult result;
    result.seen = seen;
    result.took = took;
    return result;
}

TEST(CaughtUp, IsAfterAShortPassOrFewKeys) {
    EXPECT_TRUE(is_caught_up(pass(1'000'000, milliseconds{500}), false));
    EXPECT_TRUE(is_caught_up(pass(5'000), false));
    EXPECT_FALSE(is_caught_up(pass(5'001, milliseconds{501}), false));
}

TEST(CaughtUp, IsWhereTheKeysAreAsFewAsTheyWillBeAndCanBeTheLast) {
    EXPECT_TRUE(is_caught_up(pass(transfer::most_last_keys), true));
    EXPECT_FALSE(is_caught_up(pass(transfer::most_last_keys + 1), true));
}

TEST(Converging, IsNotJudgedBeforeThereIsSomethingToCompare) { EXPECT_FALSE(Convergence().after(pass(1'000'000))); }

TEST(Converging, IsUndisputedWhileKeysBecomeFewer) {
    Convergence convergence;
    for (const auto seen : {1'000'000u, 999'999u, 999'998u}) EXPECT_FALSE(convergence.after(pass(seen)));
}

TEST(Converging, IsDeniedWhereKeysDoNotUntilTheyDo) {
    Convergence convergence;
    convergence.after(pass(1'000'000));
    const auto said = convergence.after(pass(1'200'000));
    ASSERT_TRUE(said);
    EXPECT_THAT(*said, testing::HasSubstr("1,200,000 keys wait, 1,000,000 did 10s ago"));
    EXPECT_FALSE(convergence.after(pass(1'100'000))) << "fewer than a pass before";
}

TEST(Converging, IsNoMatterOfOneShortPass) {
    Convergence convergence;
    const milliseconds short_one{1'000};
    convergence.after(pass(10'000, short_one));
    for (int i = 0; i < 9; ++i) EXPECT_FALSE(convergence.after(pass(20'000, short_one)));
    EXPECT_TRUE(convergence.after(pass(20'000, short_one))) << "ten seconds on";
    EXPECT_TRUE(convergence.after(pass(10'000, short_one))) << "what was said holds until the next look";
    for (int i = 0; i < 8; ++i) convergence.after(pass(10'000, short_one));
    EXPECT_FALSE(convergence.after(pass(10'000, short_one)));
}

TEST(StreamAwaited, FallsBehindWhereMuchIsToComeAndNoLessThanBefore) {
    constexpr std::uint64_t mebibyte = 1u << 20;
    const milliseconds passed{10'000};
    EXPECT_FALSE(stream_falls_behind(0, 15 * mebibyte, passed)) << "a burst of writes";
    EXPECT_FALSE(stream_falls_behind(400 * mebibyte, 399 * mebibyte, passed)) << "it becomes less";
    const auto said = stream_falls_behind(300 * mebibyte, 400 * mebibyte, passed);
    ASSERT_TRUE(said);
    EXPECT_THAT(*said, testing::HasSubstr("400 MiB are to come, 300 MiB were 10s ago"));
}

}  // namespace
}  // namespace pgwraith::migration
