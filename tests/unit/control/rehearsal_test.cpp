#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pgwraith/control/display.h"

namespace pgwraith::control {
namespace {

using testing::HasSubstr;
using testing::Not;

migration::Progress rehearsed() {
    migration::Progress progress;
    progress.rehearsal = true;
    progress.started = Clock::time_point{} + std::chrono::hours{1};
    progress.blocked_ms = 5;
    migration::Rehearsed found;
    found.phases = {{"copy", 1'500}, {"cutover", 300}};
    found.steps = {{"the swap", "tried", "9 statements", 300, 2, 1.25, 6.5, 4.5, {{"locks", 1.25}, {"commit", 0.5}}},
                   {"VALIDATE", "left out", "the constraint\nis not there"}};
    found.way_back_ms = 80;
    progress.rehearsed = found;
    return progress;
}

config::Settings settings() {
    config::Settings of_t;
    of_t.table = {"public", "t"};
    return of_t;
}

TEST(RehearsalText, HasATableOfPhasesAndOneOfWhatWasTried) {
    const auto progress = rehearsed();
    const auto text = rehearsal_text(progress, settings(), progress.started + milliseconds{2'000});
    EXPECT_THAT(text, HasSubstr("public.t was rehearsed: all but the swap was done, and taken back"));
    EXPECT_THAT(text, HasSubstr("\n  copy      1.5s\n"));
    EXPECT_THAT(text, HasSubstr("\n  way back  80ms\n"));
    EXPECT_THAT(text, HasSubstr("the swap  tried     300ms  2         1.2 ms           6.5 ms"));
    EXPECT_THAT(text, HasSubstr("locks 1.2, commit 0.5; 9 statements"));
    EXPECT_THAT(text, HasSubstr("left out")) << "no time, no lock";
    EXPECT_THAT(text, HasSubstr("the constraint is not there")) << "on one line";
    EXPECT_THAT(text, HasSubstr("others waited 5.0 ms at most"));
}

TEST(RehearsalText, OfOneThatFailedOrDidNotGoBack) {
    auto progress = rehearsed();
    progress.rehearsed->failed = "rows";
    EXPECT_THAT(rehearsal_text(progress, settings(), progress.started), HasSubstr("failed, and went back"));
    progress.rehearsed.reset();
    EXPECT_EQ(rehearsal_text(progress, settings(), progress.started), "");
    progress.already_done = "2026-01-31";
    EXPECT_THAT(rehearsal_text(progress, settings(), progress.started), HasSubstr("nothing was rehearsed"));
}

TEST(RehearsalJson, HasTheSameAndTheError) {
    auto progress = rehearsed();
    const auto report = rehearsal_json(progress, settings(), progress.started + milliseconds{2'000}, nullptr);
    EXPECT_EQ(report.at("succeeded"), true);
    EXPECT_EQ(report.at("phase_ms").at("copy"), 1'500);
    EXPECT_EQ(report.at("elapsed_ms"), 2'000);
    EXPECT_EQ(report.at("steps").at(0).at("parts_ms").at("locks"), 1.25);
    EXPECT_EQ(report.at("error"), nullptr);
    const Error error(ErrorKind::stopped, "what", "then");
    progress.rehearsed.reset();
    const auto stopped = rehearsal_json(progress, settings(), progress.started, &error);
    EXPECT_EQ(stopped.at("succeeded"), false);
    EXPECT_EQ(stopped.at("gone_back"), false);
    EXPECT_EQ(stopped.at("hint"), "then");
}

}  // namespace
}  // namespace pgwraith::control
