// A moment as an operator writes it. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pgwraith::control {

inline constexpr const char* moment_hint =
    "write date, time and offset from UTC, such as 2026-11-28T02:00+01:00 or 2026-11-28T01:00:00Z";

// nullopt: it is none, or has no offset.
std::optional<std::chrono::system_clock::time_point> parse_moment(std::string_view text);

}  // namespace pgwraith::control
