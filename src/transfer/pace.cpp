#include "pace.h"

#include <algorithm>

namespace pgwraith::transfer {

namespace {

constexpr std::size_t judged_by = 3;  // of each worker
constexpr double quick_enough = 0.75;
constexpr double far_too_slow = 0.5;
constexpr int longest_wait = 64;

}  // namespace

void Pace::took(std::uint64_t rows, milliseconds elapsed, int busy, int most) {
    if (workers_ > most) {
        workers_ = std::max(1, most);
        rates_.clear();
    }
    if (rows == 0 || busy != workers_) return;
    rates_.push_back(static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, elapsed.count())));
    if (rates_.size() < judged_by * static_cast<std::size_t>(workers_)) return;
    const auto middle = rates_.begin() + static_cast<std::ptrdiff_t>(rates_.size() / 2);
    std::ranges::nth_element(rates_, middle);
    const double rate = *middle;
    rates_.clear();
    judge(rate, most);
}

void Pace::judge(double rate, int most) {
    if (workers_ == 1) alone_ = rate;
    if (rate < quick_enough * alone_) {
        workers_ = rate < far_too_slow * alone_ ? std::max(1, workers_ / 2) : workers_ - 1;
        wait_ = next_wait_;
        next_wait_ = std::min(2 * next_wait_, longest_wait);
    } else if (wait_ > 0) {
        --wait_;
    } else if (workers_ < most) {
        ++workers_;
    }
}

}  // namespace pgwraith::transfer
