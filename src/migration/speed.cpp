#include "speed.h"

#include <algorithm>
#include <cmath>

namespace pgwraith::migration {

namespace {

constexpr double shortest_seconds = 1;
constexpr double weight_of_the_new = 0.3;
constexpr double first_fraction = 0.02;
// Of the copy's time: each index, and the shadow's VACUUM; the comparison.
constexpr double index_per_copy = 0.35;
constexpr double vacuum_per_copy = 0.1;
constexpr double verify_per_copy = 0.25;
constexpr double longest_seconds = 400.0 * 24 * 3600;  // more means that nothing moves

double smoothed(bool first, double before, double now) {
    return first ? now : (1 - weight_of_the_new) * before + weight_of_the_new * now;
}

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
    rows_per_second_ = smoothed(rows_per_second_ == 0, rows_per_second_, speed);
    measured_at_ = now;
    rows_ = rows;
    return rows_per_second_;
}

std::optional<double> Growth::measure(Clock::time_point now, std::uint64_t figure) {
    if (!measured_at_ || figure < figure_) {
        measured_at_ = now;
        figure_ = figure;
        per_second_ = 0;
        known_ = false;
        return std::nullopt;
    }
    const auto seconds = std::chrono::duration<double>(now - *measured_at_).count();
    if (seconds < shortest_seconds) return std::nullopt;
    const auto speed = static_cast<double>(figure - figure_) / seconds;
    per_second_ = smoothed(!known_, per_second_, speed);
    known_ = true;
    measured_at_ = now;
    figure_ = figure;
    return per_second_;
}

std::optional<milliseconds> time_until_slot_is_lost(std::uint64_t retained, std::int64_t safe, double per_second) {
    constexpr double used_at_least = 0.25;        // of what is allowed in all
    constexpr double longest = 10.0 * 24 * 3600;  // more is no figure to go by
    const auto kept = static_cast<double>(retained);
    const auto left = static_cast<double>(std::max<std::int64_t>(0, safe));
    if (per_second <= 0 || kept < used_at_least * (kept + left)) return std::nullopt;
    const auto seconds = left / per_second;
    if (seconds >= longest) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(seconds * 1'000));
}

namespace {

// What is left of the phase, by the time that it has taken so far.
std::optional<double> rest_of_build(const Progress& progress, milliseconds in_phase) {
    if (progress.units_done == 0 || progress.units_total == 0) return std::nullopt;
    const auto left = static_cast<double>(progress.units_total - std::min(progress.units_done, progress.units_total));
    return static_cast<double>(in_phase.count()) / static_cast<double>(progress.units_done) * left;
}

std::optional<double> time_of_copy(const Progress& progress, milliseconds in_phase) {
    if (progress.phase == Phase::copy) {
        if (!progress.eta) return std::nullopt;
        return static_cast<double>((in_phase + *progress.eta).count());
    }
    std::optional<double> took;
    for (const auto& [phase, time] : progress.phase_times) {
        if (phase == Phase::copy) took = took.value_or(0) + static_cast<double>(time.count());
    }
    return took;
}

}  // namespace

std::optional<milliseconds> time_to_the_swap(const Progress& progress, std::size_t indexes, bool verifies,
                                             milliseconds in_phase) {
    if (progress.direct || progress.throttled) return std::nullopt;
    if (progress.phase == Phase::verify) return progress.eta;
    const auto copy = time_of_copy(progress, in_phase);
    if (!copy) return std::nullopt;
    double left = verifies ? *copy * verify_per_copy : 0;
    if (progress.phase == Phase::copy) {
        const double build = vacuum_per_copy + static_cast<double>(indexes) * index_per_copy;
        left += static_cast<double>(progress.eta->count()) + *copy * build;
    } else if (progress.phase == Phase::build) {
        const auto rest = rest_of_build(progress, in_phase);
        if (!rest) return std::nullopt;
        left += *rest;
    } else if (progress.phase != Phase::catch_up) {
        return std::nullopt;
    }
    return milliseconds(std::llround(left));
}

namespace {

// Of what the first pass over the table takes, which writes its rows.
constexpr double look_per_fill = 0.1;  // the next pass finds few rows to write
constexpr double read_per_fill = 0.05;
constexpr double index_per_fill = 0.2;
constexpr double compare_per_fill = 0.1;  // its limit

}  // namespace

void FillSpeed::measure(Clock::time_point now, int pass, std::uint64_t done, std::uint64_t all) {
    if (pass != pass_) {
        pass_ = pass;
        speed_ = Speed();
        blocks_per_second_ = 0;
    }
    done_ = done;
    all_ = all;
    if (const auto measured = speed_.measure(now, Phase::steps, done)) blocks_per_second_ = *measured;
    if (pass_ == 1 && blocks_per_second_ > 0) first_pass_ = static_cast<double>(all_) / blocks_per_second_ * 1'000;
}

std::optional<milliseconds> FillSpeed::left() const {
    const double fraction = all_ == 0 ? 0 : static_cast<double>(done_) / static_cast<double>(all_);
    const auto pass = time_left(done_, blocks_per_second_, fraction);
    if (!pass || pass_ > 1) return pass;
    return *pass + milliseconds(static_cast<std::int64_t>(*first_pass_ * look_per_fill));
}

std::optional<milliseconds> FillSpeed::left_in_all(int reads, int builds, bool compares) const {
    const double share = reads * read_per_fill + builds * index_per_fill + (compares ? compare_per_fill : 0.0);
    const auto fill = left();
    if (!fill || share == 0) return fill;
    if (!first_pass_) return std::nullopt;  // it was an earlier process's
    return *fill + milliseconds(static_cast<std::int64_t>(*first_pass_ * share));
}

std::optional<milliseconds> time_left(std::uint64_t rows, double rows_per_second, double fraction) {
    if (fraction <= first_fraction || fraction >= 1 || rows_per_second <= 0 || rows == 0) return std::nullopt;
    const auto left = static_cast<double>(rows) / fraction * (1 - fraction) / rows_per_second;
    if (left > longest_seconds) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(left * 1000));
}

}  // namespace pgwraith::migration
