#include "pgwraith/control/display.h"

#include <fmt/format.h>

#include <cmath>

namespace pgwraith::control {

using migration::Phase;
using migration::Progress;

namespace {

// The code point that starts at `text[at]`, and its length; a broken sequence counts as one byte.
std::pair<char32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return {0xFFFD, 1};
    if (length == 1) return {lead, 1};
    char32_t value = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if (next >> 6 != 2) return {0xFFFD, 1};
        value = value << 6 | (next & 0x3Fu);
    }
    return {value, length};
}

// Rough, and on the safe side: East Asian scripts and emoji take two columns.
std::size_t columns_of(char32_t c) { return c >= 0x1100 && c != 0xFFFD && !(c >= 0x2000 && c < 0x2E80) ? 2 : 1; }

std::string bar(double percent, std::size_t width) {
    const auto filled = static_cast<std::size_t>(percent / 100 * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

bool has_fraction(const Progress& progress) { return progress.units_total > 0; }

std::uint64_t rounded(double value) {
    return std::isfinite(value) && value > 0 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

}  // namespace

std::string format_eta(milliseconds eta) {
    const auto ms = eta.count();
    if (ms < 1000) return "<1s";
    std::int64_t seconds = (ms + 999) / 1000;
    if (seconds < 60) return fmt::format("{}s", seconds);
    if (seconds < 600) {
        seconds = (seconds + 4) / 5 * 5;
        return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
    }
    const std::int64_t minutes = (seconds + 59) / 60;
    if (minutes < 60) return fmt::format("{}m", minutes);
    if (minutes < 1440) return fmt::format("{}h {:02}m", minutes / 60, minutes % 60);
    const std::int64_t hours = (minutes + 59) / 60;
    return fmt::format("{}d {}h", hours / 24, hours % 24);
}

std::string fit(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [c, length] = code_point(text, at);
        const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        const std::size_t columns = columns_of(c);
        if (used + columns > width) break;
        used += columns;
        if (control) {
            out += ' ';
        } else if (c == 0xFFFD) {
            out += '?';
        } else {
            out += text.substr(at, length);
        }
        at += length;
    }
    return out;
}

std::string ProgressDisplay::line(const Progress& progress, std::size_t width) {
    const double percent = percent_.update(progress);
    std::string out = progress.rehearsal ? "rehearsal, " : "";
    out += fmt::format("{:<8}", migration::phase_name(progress.phase));
    if (has_fraction(progress)) {
        // On a narrow terminal its place belongs to the reason why nothing moves.
        if (width >= (progress.throttled ? 100 : 70)) out += " " + bar(percent, width >= 100 ? 24 : 12);
        out += fmt::format(" {:5.1f}%", percent);
    }
    if (const auto rate = rounded(progress.rows_per_second)) out += fmt::format("  {} rows/s", format_count(rate));
    if (progress.eta) out += "  ETA " + format_eta(*progress.eta);
    // Before what may be cut off.
    if (progress.throttled) out += "  throttled: " + *progress.throttled;
    if (!progress.direct) {
        out += "  lag " + format_size(progress.stream_lag_bytes);
        out += fmt::format("  pending {}", format_count(progress.pending_changes));
    }
    if (!progress.activity.text.empty()) out += "  " + progress.activity.text;
    // The last columns stay free, one because a full line would wrap on some terminals, two for the ^C that they echo:
    // a wrapped line could not be erased.
    constexpr std::size_t kept_free = 3;
    return fit(out, width > kept_free ? width - kept_free : width);
}

std::string ProgressDisplay::log_line(const Progress& progress) {
    const double percent = percent_.update(progress);
    std::string out = progress.rehearsal ? "rehearsal, " : "";
    out += migration::phase_name(progress.phase);
    if (has_fraction(progress)) out += fmt::format(" {:.1f}%", percent);
    if (!progress.activity.text.empty()) out += ": " + progress.activity.text;
    if (progress.phase == Phase::copy) {
        out += fmt::format(", {} of about {} rows", format_count(progress.rows_copied),
                           format_count(std::max(progress.rows_copied, progress.row_estimate)));
    }
    if (const auto rate = rounded(progress.rows_per_second)) out += fmt::format(", {} rows/s", format_count(rate));
    if (progress.eta) out += ", ETA " + format_eta(*progress.eta);
    if (!progress.direct) {
        out += fmt::format(", {} changes pending, stream lag {}", format_count(progress.pending_changes),
                           format_size(progress.stream_lag_bytes));
    }
    if (progress.throttled) out += ", throttled: " + *progress.throttled;
    return fit(out, 1000);
}

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
    // Columns on a terminal, not bytes.
    const auto width_of = [](const std::string& text) {
        std::size_t width = 0;
        for (std::size_t at = 0; at < text.size();) {
            const auto [c, length] = code_point(text, at);
            width += columns_of(c);
            at += length;
        }
        return width;
    };
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        std::string text(indent, ' ');
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

}  // namespace pgwraith::control
