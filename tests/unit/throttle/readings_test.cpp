#include "pgwraith/throttle/readings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"
#include "pgwraith/throttle/wall_clock.h"

namespace pgwraith::throttle {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::uint64_t mib = 1024 * 1024;

TEST(SlotLags, TheFurthestBehindCounts) {
    config::Throttle limits;
    limits.max_slot_lag = {10s, 5 * mib};
    const std::vector<SlotLag> slots{{"quick", mib, 1s}, {"slow", 7 * mib, 4s}, {"old", 6 * mib, 20s}};
    const auto bytes = judge_slot_bytes(slots, limits);
    EXPECT_EQ(bytes.value, 7.0 * mib);
    EXPECT_EQ(bytes.limit, 5.0 * mib);
    EXPECT_THAT(bytes.why, HasSubstr("slot slow is 7 MiB behind (limit 5 MiB)"));
    const auto time = judge_slot_time(slots, limits);
    EXPECT_EQ(time.value, 20'000);
    EXPECT_THAT(time.why, HasSubstr("slot old is 20s behind (limit 10s)"));
    limits.ignore_slots = {"old", "slow"};
    EXPECT_EQ(judge_slot_time(slots, limits).value, 1'000);
    EXPECT_FALSE(judge_slot_time({}, limits).value);
}

TEST(QueryAnswers, AreABooleanOrANumber) {
    EXPECT_TRUE(judge_answer(1, 1, "t").yes);
    EXPECT_FALSE(judge_answer(1, 1, "f").yes);
    EXPECT_EQ(judge_answer(1, 1, "-2.5").number, -2.5);
    EXPECT_EQ(judge_answer(1, 1, "1e3").number, 1'000);
    EXPECT_THROW(judge_answer(0, 1, std::nullopt), Error);
    EXPECT_THROW(judge_answer(2, 1, std::nullopt), Error);
    EXPECT_THROW(judge_answer(1, 2, std::nullopt), Error);
    EXPECT_THROW(judge_answer(1, 1, std::nullopt), Error) << "NULL is not known";
    for (const char* text : {"", "true", "NaN", "Infinity", "5 sessions"}) {
        EXPECT_THROW(judge_answer(1, 1, text), Error) << text;
    }
}

TEST(WalRate, IsThatOfTheLastSeconds) {
    Rate rate(2s);
    const auto begun = Clock::now();
    EXPECT_FALSE(rate.per_second());
    rate.observe(begun, Lsn{1'000});
    EXPECT_FALSE(rate.per_second());
    rate.observe(begun + 1s, Lsn{2'000});
    EXPECT_EQ(rate.per_second(), 1'000);
    for (int second = 2; second < 10; ++second) {
        rate.observe(begun + std::chrono::seconds{second}, Lsn{2'000});
    }
    EXPECT_EQ(rate.per_second(), 0);
}

TEST(WallClocks, SayWhenItGoesOn) {
    EXPECT_EQ(wait_in_words(config::Hours::parse("Sat 02:00-05:00 Europe/Berlin"), {4, 21 * 60 + 30}),
              "it is Fri 21:30, Sat 02:00-05:00 Europe/Berlin is in 4h 30m");
}

TEST(RecentRises, CountWithinATimeAndForgetAReset) {
    using std::chrono::seconds;
    const auto begun = Clock::now();
    Recent recent;
    recent.observe(begun, 40);
    EXPECT_EQ(recent.within(begun, seconds{300}), 0) << "what was before is not counted";
    recent.observe(begun + seconds{10}, 41);
    recent.observe(begun + seconds{20}, 43);
    EXPECT_EQ(recent.within(begun + seconds{20}, seconds{300}), 3);
    EXPECT_EQ(recent.within(begun + seconds{315}, seconds{300}), 2);
    recent.observe(begun + seconds{330}, 0);
    EXPECT_EQ(recent.within(begun + seconds{330}, seconds{300}), 0);
    recent.observe(begun + seconds{340}, 1);
    EXPECT_EQ(recent.within(begun + seconds{340}, seconds{300}), 1);
}

}  // namespace
}  // namespace pgwraith::throttle
