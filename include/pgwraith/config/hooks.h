// Commands of the operator at named moments of a migration (docs/hooks.md).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "pgwraith/base/units.h"

namespace pgwraith::config {

enum class Moment {
    started,
    copied,
    ready,
    before_cutover,
    called_off,
    after_cutover,
    expanded,
    contracted,
    throttled,
    failed,
    aborted
};

inline constexpr std::array all_moments{Moment::started,        Moment::copied,     Moment::ready,
                                        Moment::before_cutover, Moment::called_off, Moment::after_cutover,
                                        Moment::expanded,       Moment::contracted, Moment::throttled,
                                        Moment::failed,         Moment::aborted};

static_assert(all_moments.size() == static_cast<std::size_t>(Moment::aborted) + 1);

const char* moment_name(Moment moment);  // "before_cutover"

// A text is a script for the shell; a list is a program and its arguments, which no shell reads.
struct Command {
    std::string script;
    std::vector<std::string> words;

    bool empty() const { return script.empty() && words.empty(); }
    bool operator==(const Command&) const = default;
};

struct Hooks {
    std::array<Command, all_moments.size()> commands;
    milliseconds timeout{30'000};           // of each
    milliseconds throttled_after{600'000};  // the moment `throttled` comes when the work was held back for so long

    const Command& at(Moment moment) const { return commands.at(static_cast<std::size_t>(moment)); }
    bool operator==(const Hooks&) const = default;
};

}  // namespace pgwraith::config
