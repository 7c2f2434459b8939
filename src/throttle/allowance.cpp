#include "pgwraith/throttle/allowance.h"

#include <algorithm>

namespace pgwraith::throttle {

namespace {

constexpr milliseconds effect_after{1'000};  // a change shows in the signals
// Between the two nothing changes, so that the number comes to rest.
constexpr double has_room = 0.6;
constexpr double has_none = 0.9;
constexpr double holding = 2;

}  // namespace

int Allowance::look(Clock::time_point now, double pressure, int most) {
    const bool settled = now - changed_ >= effect_after;
    const int before = workers_;
    if (pressure >= has_none) {
        if (!was_shed_ || settled) workers_ = std::max(1, workers_ / 2);
        was_shed_ = true;
    } else if (pressure < has_room) {
        if (!was_shed_) {
            workers_ *= 2;
        } else if (settled) {
            ++workers_;
        }
    }
    workers_ = std::clamp(workers_, 1, std::max(1, most));
    if (workers_ != before) changed_ = now;
    return workers_;
}

int parallel_helpers(int wanted, double pressure) {
    if (pressure >= has_none) return 0;
    return pressure < has_room ? wanted : wanted / 2;
}

double pressure(const std::vector<SignalState>& signals) {
    double worst = 0;
    for (const auto& signal : signals) {
        if (signal.holds) worst = std::max(worst, holding);
        if (!signal.value || !signal.limit) continue;
        if (*signal.limit > 0) worst = std::max(worst, *signal.value / *signal.limit);
    }
    return worst;
}

}  // namespace pgwraith::throttle
