#include "history.h"

#include <gmock/gmock.h>

#include <cmath>

#include "event.h"
#include "pace.h"

namespace pgwraith::web {
namespace {

using nlohmann::json;

TEST(History, KeepsTheLastSamplesOldestFirst) {
    History history(3);
    for (int i = 1; i <= 5; ++i) history.add({{"percent", i}}, i * 1000);
    EXPECT_EQ(history.size(), 3u);
    const json columns = history.columns();
    EXPECT_EQ(columns["at_ms"], json({3000, 4000, 5000}));
    EXPECT_EQ(columns["percent"], json({3.0, 4.0, 5.0}));
}

TEST(History, WhatIsNotKnownIsNull) {
    History history(3);
    history.add({{"percent", nullptr}, {"rows_per_second", "many"}, {"replica_lag_ms", 12.34}}, 1000);
    const json columns = history.columns();
    EXPECT_EQ(columns["percent"], json({nullptr}));
    EXPECT_EQ(columns["rows_per_second"], json({nullptr}));
    EXPECT_EQ(columns["stream_lag_bytes"], json({nullptr}));
    EXPECT_EQ(columns["replica_lag_ms"], json({12.3}));
    EXPECT_EQ(columns["throttled"], json({0.0}));
}

TEST(History, ARateNeedsTwoSamples) {
    History history(9);
    EXPECT_TRUE(std::isnan(history.add({{"changes_received", 100}}, 1000).changes_per_second));
    EXPECT_EQ(history.add({{"changes_received", 150}}, 1500).changes_per_second, 100);
    // Another process counts from zero; a clock may be set back.
    EXPECT_TRUE(std::isnan(history.add({{"changes_received", 10}}, 2500).changes_per_second));
    EXPECT_TRUE(std::isnan(history.add({{"changes_received", 20}}, 2000).changes_per_second));
    EXPECT_TRUE(std::isnan(history.add(json::object(), 3000).changes_per_second));
    EXPECT_TRUE(std::isnan(history.add({{"changes_received", 30}}, 4000).changes_per_second));
    EXPECT_EQ(history.add({{"changes_received", 31}}, 5000).changes_per_second, 1);
}

TEST(History, AReasonIsHeldBack) {
    EXPECT_EQ(sample_of({{"throttled", "replica r1 is 14 s behind"}}, 0).throttled, 1);
    EXPECT_EQ(sample_of({{"throttled", nullptr}}, 0).throttled, 0);
    EXPECT_EQ(to_json(sample_of({{"throttled", "x"}}, 7))["at_ms"], 7);
}

TEST(Event, IsOneLineOfDataWhateverTheTextHolds) {
    EXPECT_EQ(event_text("status", {{"a", "one\ntwo"}}), "event: status\ndata: {\"a\":\"one\\ntwo\"}\n\n");
    EXPECT_NO_THROW(event_text("status", {{"a", "\xff"}}));
}

TEST(Event, AChunkSaysItsLength) {
    EXPECT_EQ(chunk_text(std::string(26, 'x')), "1a\r\n" + std::string(26, 'x') + "\r\n");
    EXPECT_EQ(chunk_text(""), "0\r\n\r\n");
}

TEST(Pace, SomeAtOnceThenOneByOne) {
    Pace pace(milliseconds{50}, 3);
    const Clock::time_point start{std::chrono::hours{1}};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(pace.next(start), start);
    EXPECT_EQ(pace.next(start), start + milliseconds{50});
    EXPECT_EQ(pace.next(start), start + milliseconds{100});
    const auto later = start + milliseconds{1'000};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(pace.next(later), later);
    EXPECT_EQ(pace.next(later), later + milliseconds{50});
}

}  // namespace
}  // namespace pgwraith::web
