#include "speed.h"

namespace pgwraith::migration {

namespace {

constexpr double shortest_seconds = 1;
constexpr double weight_of_the_new = 0.3;
constexpr double first_fraction = 0.02;
constexpr double longest_seconds = 400.0 * 24 * 3600;  // more means that nothing moves

}  // namespace

std::optional<double> Speed::measure(Clock::time_point now, Phase phase, std::uint64_t rows) {
    if (phase_ != phase) {
        phase_ = phase;
        measured_at_ = now;
        rows_ = rows;
        rows_per_second_ = 0;
        return std::nullopt;
    }
    const auto seconds = std::chrono::duration<double>(now - measured_at_).count();
    if (seconds < shortest_seconds || rows < rows_) return std::nullopt;
    const auto speed = static_cast<double>(rows - rows_) / seconds;
    const bool first = rows_per_second_ == 0;
    rows_per_second_ = first ? speed : (1 - weight_of_the_new) * rows_per_second_ + weight_of_the_new * speed;
    measured_at_ = now;
    rows_ = rows;
    return rows_per_second_;
}

std::optional<milliseconds> time_left(std::uint64_t rows, double rows_per_second, double fraction) {
    if (fraction <= first_fraction || fraction >= 1 || rows_per_second <= 0 || rows == 0) return std::nullopt;
    const auto left = static_cast<double>(rows) / fraction * (1 - fraction) / rows_per_second;
    if (left > longest_seconds) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(left * 1000));
}

}  // namespace pgwraith::migration
