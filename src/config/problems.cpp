#include "problems.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/base/error.h"

namespace pgwraith::config {
namespace {

constexpr std::size_t shown_bytes_max = 60;

// Levenshtein's distance: how many characters to insert, remove or replace.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

void Problems::add(int line, const std::string& path, const std::string& what) {
    const std::string colon = path.empty() ? "" : ": ";
    lines_.emplace_back(line, fmt::format("{}:{}: {}{}{}", file_, line, path, colon, what));
}

void Problems::throw_if_any() const {
    if (lines_.empty()) {
        return;
    }
    auto sorted = lines_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string all;
    for (const auto& [line, text] : sorted) {
        all += (all.empty() ? "" : "\n") + text;
    }
    throw Error(ErrorKind::usage, all, "config/example.yaml explains every key; nothing was touched");
}

std::string shown(std::string_view text) {
    // A connection string in the wrong place must not bring its password into a log.
    if (text.find("://") != std::string_view::npos || text.find("password") != std::string_view::npos) {
        return "(not shown)";
    }
    std::string result = "'";
    for (const char c : text.substr(0, shown_bytes_max)) {
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    if (text.size() > shown_bytes_max) {
        while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0x80U) != 0) {
            result.pop_back();  // the cut may have gone through a character
        }
        result += "…";
    }
    return result + "'";
}

std::string nearest(std::string_view text, const std::vector<std::string>& known) {
    if (text.size() > shown_bytes_max) {
        return {};
    }
    std::string best;
    std::size_t best_distance = std::min<std::size_t>(3, 1 + text.size() / 4) + 1;
    for (const std::string& candidate : known) {
        const std::size_t away = distance(text, candidate);
        if (away < best_distance) {
            best_distance = away;
            best = candidate;
        }
    }
    return best;
}

}  // namespace pgwraith::config
