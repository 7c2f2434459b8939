#include "pgwraith/throttle/commit_latency.h"

#include <algorithm>
#include <vector>

namespace pgwraith::throttle {

namespace {

constexpr std::size_t counted = 3;
constexpr std::size_t for_quiet = 5;
// A disk that is slow by itself is nothing to stop for.
constexpr double times_quiet = 5;
constexpr double always_fine = 100;  // ms

double middle_one(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

}  // namespace

void CommitLatency::took(double ms) {
    last_.push_back(ms);
    if (last_.size() > for_quiet) last_.pop_front();
    if (last_.size() < for_quiet) return;
    const double usual = middle_one({last_.begin(), last_.end()});
    quiet_ = quiet_ ? std::min(*quiet_, usual) : usual;
}

std::optional<double> CommitLatency::now(double waiting) const {
    std::vector<double> values;
    const auto interval = static_cast<double>(probe_interval.count());
    if (waiting > 0) values.assign(1 + std::min(counted, static_cast<std::size_t>(waiting / interval)), waiting);
    if (values.size() > counted) values.resize(counted);
    for (auto one = last_.rbegin(); one != last_.rend() && values.size() < counted; ++one) values.push_back(*one);
    if (values.empty()) return std::nullopt;
    return middle_one(std::move(values));
}

std::optional<double> CommitLatency::limit(const config::LatencyLimit& limit) const {
    if (limit.fixed) return static_cast<double>(limit.fixed->count());
    if (!limit.automatic || !quiet_) return std::nullopt;
    return std::max(always_fine, times_quiet * *quiet_);
}

}  // namespace pgwraith::throttle
