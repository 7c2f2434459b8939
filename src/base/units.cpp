#include "pgwraith/base/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace pgwraith {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<Unit, 5> duration_units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

constexpr std::uint64_t kib = 1024;
constexpr std::array<Unit, 9> size_units{{{"B", 1},
                                          {"KiB", kib},
                                          {"MiB", kib* kib},
                                          {"GiB", kib* kib* kib},
                                          {"TiB", kib* kib* kib* kib},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"TB", 1'000'000'000'000}}};

// A whole number followed at once by one of the units; nothing when it does not fit below `limit`.
template <std::size_t count>
std::optional<std::uint64_t> parse_units(std::string_view text, const std::array<Unit, count>& units,
                                         std::uint64_t limit) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view written(stop, static_cast<std::size_t>(end - stop));
    for (const Unit& unit : units) {
        if (unit.name == written) {
            return number <= limit / unit.factor ? std::optional(number * unit.factor) : std::nullopt;
        }
    }
    return std::nullopt;
}

// "3m 20s"; the smaller unit is left out when there is none of it.
std::string two_units(std::uint64_t value, const Unit& large, const Unit& small) {
    const std::uint64_t rest = value % large.factor / small.factor;
    std::string text = fmt::format("{}{}", value / large.factor, large.name);
    return rest == 0 ? text : text + fmt::format(" {}{}", rest, small.name);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    const auto limit = static_cast<std::uint64_t>(milliseconds::max().count());
    const auto value = parse_units(text, duration_units, limit);
    return value ? std::optional(milliseconds(static_cast<milliseconds::rep>(*value))) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_units(text, size_units, std::numeric_limits<std::uint64_t>::max());
}

std::string format_duration(milliseconds value) {
    const auto& [ms, second, minute, hour, day] = duration_units;
    if (value < milliseconds::zero()) {
        // The smallest value has no positive counterpart.
        return "-" + format_duration(value == milliseconds::min() ? milliseconds::max() : -value);
    }
    const auto count = static_cast<std::uint64_t>(value.count());
    if (count < second.factor) {
        return fmt::format("{}{}", count, ms.name);
    }
    if (count < minute.factor) {
        return count % second.factor == 0 ? fmt::format("{}s", count / second.factor)
                                          : fmt::format("{}.{}s", count / second.factor, count % second.factor / 100);
    }
    if (count < hour.factor) {
        return two_units(count, minute, second);
    }
    return count < day.factor ? two_units(count, hour, minute) : two_units(count, day, hour);
}

std::string format_size(std::uint64_t bytes) {
    std::size_t chosen = 0;
    while (chosen < 4 && bytes >= size_units[chosen + 1].factor) {
        ++chosen;
    }
    const auto& [name, factor] = size_units[chosen];
    const std::uint64_t rest = bytes % factor;
    if (rest == 0) {
        return fmt::format("{} {}", bytes / factor, name);
    }
    return fmt::format("{}.{} {}", bytes / factor, rest * 10 / factor, name);
}

std::string format_count(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t position = text.size(); position > 3;) {
        position -= 3;
        text.insert(position, ",");
    }
    return text;
}

}  // namespace pgwraith
