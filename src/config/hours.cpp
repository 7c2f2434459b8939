#include "pgwraith/config/hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "blanks.h"
#include "pgwraith/base/error.h"

namespace pgwraith::config {

namespace {

constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr int day_minutes = 24 * 60;
constexpr int week_minutes = 7 * day_minutes;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::usage, what, ""); }

// Up to the first blank; `text` keeps what follows.
std::string_view take_word(std::string_view& text) {
    text = trimmed(text);
    const auto end = std::min(text.find_first_of(blanks), text.size());
    const auto word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int clock_time(std::string_view text) {
    const bool shaped = text.size() == 5 && text[2] == ':' && is_digit(text[0]) && is_digit(text[1]) &&
                        is_digit(text[3]) && is_digit(text[4]);
    if (!shaped) refuse(fmt::format("'{}' is not a time of the day (such as 02:30)", text));
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute > 59 || hour * 60 + minute > day_minutes) refuse(fmt::format("there is no {} o'clock", text));
    return hour * 60 + minute;
}

int weekday(std::string_view text) {
    const auto* const found = std::ranges::find(days, text);
    if (found == days.end()) refuse(fmt::format("'{}' is not a day (Mon, Tue, Wed, Thu, Fri, Sat or Sun)", text));
    return static_cast<int>(found - days.begin());
}

bool is_zone(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !text.empty() && letter(text.front()) && std::ranges::all_of(text, [&](char c) {
        return letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
    });
}

}  // namespace

Hours Hours::parse(const std::string& written) {
    Hours hours;
    std::string_view rest = trimmed(written);
    if (rest.empty()) return hours;
    hours.text_ = rest;
    // The zone is the last word: a time of the day has none of its letters.
    const auto before_zone = rest.find_last_of(blanks);
    const auto zone = before_zone == std::string_view::npos ? rest : rest.substr(before_zone + 1);
    if (before_zone == std::string_view::npos || !is_zone(zone) || std::ranges::find(days, zone) != days.end()) {
        refuse(fmt::format("'{}' has no time zone at its end (such as Europe/Berlin, or UTC)", rest));
    }
    hours.zone_ = zone;
    rest = rest.substr(0, before_zone);
    for (std::size_t at = 0; at <= rest.size();) {
        const auto comma = std::min(rest.find(',', at), rest.size());
        auto part = trimmed(rest.substr(at, comma - at));
        at = comma + 1;
        if (part.empty()) refuse(fmt::format("'{}' has an empty part", written));
        int first = 0;
        int last = 6;
        if (!is_digit(part.front())) {
            const auto named = take_word(part);
            const auto dash = std::min(named.find('-'), named.size());
            first = last = weekday(named.substr(0, dash));
            if (dash < named.size()) last = weekday(named.substr(dash + 1));
        }
        const auto dash = part.find('-');
        if (dash == std::string_view::npos) {
            refuse(fmt::format("'{}' is not a span of time (such as 22:00-06:00)", part));
        }
        const int begin = clock_time(part.substr(0, dash));
        int end = clock_time(part.substr(dash + 1));
        if (begin == end || begin == day_minutes) refuse(fmt::format("'{}' has no length", part));
        if (end < begin) end += day_minutes;
        for (int day = first;; day = (day + 1) % 7) {
            hours.spans_.push_back({day * day_minutes + begin, day * day_minutes + end});
            if (day == last) break;
        }
    }
    return hours;
}

bool Hours::contains(int day, int minute) const { return minutes_until(day, minute) == 0; }

int Hours::minutes_until(int day, int minute) const {
    if (always()) return 0;
    const int now = day * day_minutes + minute;
    int nearest = week_minutes;
    for (const auto& span : spans_) {
        for (const int moment : {now, now + week_minutes}) {
            if (moment >= span.begin && moment < span.end) return 0;
        }
        nearest = std::min(nearest, (span.begin - now + week_minutes) % week_minutes);
    }
    return nearest;
}

}  // namespace pgwraith::config
