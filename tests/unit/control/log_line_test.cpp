#include "pgwraith/control/log_line.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace pgwraith::control {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::system_clock;
using testing::HasSubstr;

const system_clock::time_point moment(milliseconds{1'795'000'000'042});

LogLine line_with(std::string message) { return {moment, "warning", "app.t", "copy", std::move(message), {}}; }

TEST(LogLine, TextSaysAllOfIt) {
    EXPECT_EQ(text_line(line_with("a pause")), "2026-11-18T11:06:40.042Z warning app.t copy: a pause\n");
    EXPECT_EQ(text_line({moment, "info", "", "", "hello", {}}), "2026-11-18T11:06:40.042Z info: hello\n");
}

TEST(LogLine, NoMessagePassesForAnotherLine) {
    EXPECT_EQ(text_line(line_with("one\ntwo\x1b[2J\r\n\xff three")),
              "2026-11-18T11:06:40.042Z warning app.t copy: one\n    two [2J \n    ? three\n");
    const auto terminal = terminal_line(line_with("one\ntwo"));
    EXPECT_THAT(terminal, HasSubstr(".042 warning: one\n    two\n"));
}

TEST(LogLine, JsonIsOneLineThatCanBeRead) {
    auto line = line_with("one\ntwo \"quoted\" \xff\xfe \x01 \xc3\xa4");
    line.fields = {{"hook", "ready"}};
    const auto text = json_line(line);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const auto parsed = json::parse(text);
    EXPECT_EQ(parsed["time"], "2026-11-18T11:06:40.042Z");
    EXPECT_EQ(parsed["level"], "warning");
    EXPECT_EQ(parsed["table"], "app.t");
    EXPECT_EQ(parsed["phase"], "copy");
    EXPECT_EQ(parsed["hook"], "ready");
    EXPECT_THAT(parsed["message"].get<std::string>(), HasSubstr("one\ntwo \"quoted\" \xef\xbf\xbd"));
    EXPECT_TRUE(json::parse(json_line({moment, "info", "", "", "x", {}}))["phase"].is_null()) << "each key is there";
}

TEST(LogLine, TheLastOneHasAllThatAnErrorSays) {
    const auto line = last_line(Error(ErrorKind::stopped, "the slot is gone", "Start anew."), moment);
    const auto parsed = json::parse(json_line(line));
    EXPECT_EQ(parsed["message"], "the slot is gone");
    EXPECT_EQ(parsed["hint"], "Start anew.");
    EXPECT_EQ(parsed["exit_status"], "4");
}

TEST(LogLine, EveryErrorSaysWhatToDo) {
    for (const auto kind : {ErrorKind::usage, ErrorKind::refused, ErrorKind::internal, ErrorKind::aborted}) {
        EXPECT_FALSE(completed(Error(kind, "x")).hint().empty()) << static_cast<int>(kind);
        EXPECT_EQ(completed(Error(kind, "x", "Do that.")).hint(), "Do that.");
    }
}

TEST(Repetition, WhatComesEveryRoundIsSaidMoreAndMoreSeldom) {
    Repetition repetition;
    const auto begin = Clock::now();
    unsigned said = 0;
    unsigned told = 0;
    for (int second = 0; second < 24 * 3'600; ++second) {
        const auto unsaid =
            repetition.say("attempt " + std::to_string(second) + " was called off", begin + second * 1s);
        if (!unsaid) continue;
        ++said;
        told += 1 + *unsaid;
    }
    EXPECT_GE(said, 20u + 24u);
    EXPECT_LE(said, 20u + 24u + 6u);
    EXPECT_GT(told, 23u * 3'600) << "what was not said is counted";
}

TEST(Repetition, AnotherKindAndALaterTimeAreNew) {
    Repetition repetition;
    auto now = Clock::now();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(repetition.say("a " + std::to_string(i), now));
    EXPECT_FALSE(repetition.say("a 20", now));
    EXPECT_TRUE(repetition.say("b 20", now));
    now += 11min;
    EXPECT_EQ(repetition.say("a 21", now), 0u);
    EXPECT_TRUE(repetition.say("a 22", now));
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(repetition.say("kind " + std::string(i, 'x'), now)) << "it forgets";
}

TEST(ProgressPace, IsQuickAtFirstAndSlowLater) {
    ProgressPace pace;
    const auto begin = Clock::now();
    int said = 0;
    for (int i = 0; i < 12; ++i) said += pace.say("copy", std::to_string(i), begin + i * 5s) ? 1 : 0;
    EXPECT_EQ(said, 12);
    said = 0;
    for (int i = 12; i < 24 * 720; ++i) said += pace.say("copy", std::to_string(i), begin + i * 5s) ? 1 : 0;
    EXPECT_LE(said, 24 * 60 + 40);
    EXPECT_GE(said, 24 * 60 - 10);
    const auto later = begin + 24h;
    EXPECT_TRUE(pace.say("build", "same", later));
    EXPECT_FALSE(pace.say("build", "same", later + 5min));
    EXPECT_TRUE(pace.say("build", "other", later + 5min));
    EXPECT_TRUE(pace.say("build", "other", later + 16min));
}

}  // namespace
}  // namespace pgwraith::control
