// Durations and sizes as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgwraith {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// For figures in messages; fractions count.
inline double ms_between(Clock::time_point start, Clock::time_point end) {
    return std::chrono::duration<double, std::milli>(end - start).count();
}
inline double ms_since(Clock::time_point start) { return ms_between(start, Clock::now()); }

// "500ms", "10s", "5m", "2h", "1d"; a unit is required, fractions are not taken. nullopt otherwise.
std::optional<milliseconds> parse_duration(std::string_view text);
// "512B", "64KiB", "64MiB", "1GiB", "2TiB" (and kB, MB, GB, TB as powers of 1000). nullopt otherwise.
std::optional<std::uint64_t> parse_size(std::string_view text);

std::string format_duration(milliseconds value);  // "850ms", "4.2s", "3m 20s", "1d 4h"
std::string format_size(std::uint64_t bytes);     // "17.3 MiB"
std::string format_count(std::uint64_t count);    // "1,234,567"

}  // namespace pgwraith
