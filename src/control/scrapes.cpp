#include <algorithm>

#include "pgwraith/control/metrics.h"

namespace pgwraith::control {

namespace {

// Prometheus scrapes every 15 s to 1 min; whoever asks less often is no scraper.
constexpr milliseconds longest_interval{60'000};
// A scrape that was missed, and its jitter.
constexpr int patience_percent = 150;

}  // namespace

void Scrapes::come(Clock::time_point now) {
    before_ = last_;
    last_ = now;
}

milliseconds Scrapes::next_within(Clock::time_point now) const {
    if (!before_) return milliseconds{0};
    const auto interval = std::chrono::duration_cast<milliseconds>(*last_ - *before_);
    if (interval > longest_interval) return milliseconds{0};
    const auto until = *last_ + interval * patience_percent / 100;
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(until - now));
}

}  // namespace pgwraith::control
