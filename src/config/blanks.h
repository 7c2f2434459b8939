// Blanks around what the user writes.
#pragma once

#include <string_view>

namespace pgwraith::config {

inline constexpr std::string_view blanks = " \t";
inline constexpr std::string_view blanks_and_breaks = " \t\r\n";

inline std::string_view trimmed(std::string_view text, std::string_view of = blanks) {
    const auto begin = text.find_first_not_of(of);
    return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(of) - begin + 1);
}

inline bool is_blank(std::string_view text) { return trimmed(text, blanks_and_breaks).empty(); }

}  // namespace pgwraith::config
