#include "pgwraith/control/moment.h"

#include <array>

namespace pgwraith::control {

namespace {

// Digits where the pattern has 0, the same character elsewhere.
bool is_like(std::string_view text, std::string_view pattern) {
    if (text.size() != pattern.size()) return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool digit = text[at] >= '0' && text[at] <= '9';
        if (pattern[at] == '0' ? !digit : text[at] != pattern[at]) return false;
    }
    return true;
}

int number(std::string_view text, std::size_t at, std::size_t length) {
    int value = 0;
    for (const char digit : text.substr(at, length)) value = 10 * value + (digit - '0');
    return value;
}

std::optional<std::chrono::minutes> offset_of(std::string_view text) {
    if (text == "Z") return std::chrono::minutes{0};
    const bool known = is_like(text, "+00:00") || is_like(text, "-00:00");
    if (!known || number(text, 1, 2) > 15 || number(text, 4, 2) > 59) return std::nullopt;
    const std::chrono::minutes offset{number(text, 1, 2) * 60 + number(text, 4, 2)};
    return text.front() == '-' ? -offset : offset;
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_moment(std::string_view text) {
    using namespace std::chrono;
    std::size_t length = 0;
    for (const std::string_view pattern :
         {"0000-00-00T00:00", "0000-00-00 00:00", "0000-00-00T00:00:00", "0000-00-00 00:00:00"}) {
        if (is_like(text.substr(0, pattern.size()), pattern)) length = pattern.size();
    }
    if (length == 0) return std::nullopt;
    const auto offset = offset_of(text.substr(length));
    const year_month_day date{year{number(text, 0, 4)}, month{static_cast<unsigned>(number(text, 5, 2))},
                              day{static_cast<unsigned>(number(text, 8, 2))}};
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = length > 16 ? number(text, 17, 2) : 0;
    if (!offset || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - *offset;
}

}  // namespace pgwraith::control
