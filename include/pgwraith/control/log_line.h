// A message of the log as people and programs read it. Pure: no terminal, no clock (docs/logs.md).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/base/log_fields.h"
#include "pgwraith/base/units.h"

namespace pgwraith::control {

struct LogLine {
    std::chrono::system_clock::time_point at;
    std::string level;  // "info"
    std::string table;  // as SQL; empty: none yet
    std::string phase;  // empty: none
    std::string message;
    LogFields::List fields{};
};

// For a file: all of it, further lines of a message indented.
std::string text_line(const LogLine& line);
// For a terminal, where one migration is watched: the time of day, the level, the message.
std::string terminal_line(const LogLine& line);
// One JSON object on one line, whatever bytes the message has.
std::string json_line(const LogLine& line);

// What ends a process: what happened, in what state things are, what to do next.
LogLine last_line(const Error& error, std::chrono::system_clock::time_point now);

// The error with the rest of what must be said, where it is not said yet.
Error completed(const Error& error);

// Keeps what comes again and again from filling the log: lines that differ in figures only are one kind. The first
// twenty of a kind are said, then one after pauses that double from a minute to an hour. A kind that has not come for a
// while begins anew.
class Repetition {
  public:
    // How many of its kind were not said since the last that was; nullopt: not now.
    std::optional<unsigned> say(const std::string& message, Clock::time_point now);

  private:
    struct Kind {
        unsigned said = 0;
        unsigned unsaid = 0;
        milliseconds pause{0};
        Clock::time_point said_at;
        Clock::time_point came_at;
    };
    std::map<std::string, Kind> kinds_;
};

// When the progress is logged, where it cannot be redrawn: every five seconds at first, then seldom; what does not
// change, every ten minutes.
class ProgressPace {
  public:
    bool say(const std::string& phase, const std::string& line, Clock::time_point now);

  private:
    std::string phase_;
    std::string line_;
    Clock::time_point phase_began_;
    Clock::time_point said_;
};

}  // namespace pgwraith::control
