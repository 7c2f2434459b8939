#include "pgwraith/throttle/lag.h"

#include <algorithm>

namespace pgwraith::throttle {

void WalClock::observe(Clock::time_point now, Lsn position) {
    // While the position stands still the first time that it was reached and the last are enough.
    if (observations_.size() >= 2 && observations_.back().position == position &&
        observations_[observations_.size() - 2].position == position) {
        observations_.back().at = now;
    } else {
        observations_.push_back({now, position});
    }
    while (observations_.size() > 2 && now - observations_.front().at > memory_) observations_.pop_front();
}

milliseconds WalClock::lag(Clock::time_point now, Lsn replayed) const {
    if (observations_.empty() || observations_.back().position <= replayed) return milliseconds{0};
    // The first observation beyond what is replayed: its WAL has been waiting at least since then.
    auto waiting = std::find_if(observations_.begin(), observations_.end(),
                                [&](const Observation& o) { return o.position > replayed; });
    return std::chrono::duration_cast<milliseconds>(now - waiting->at);
}

}  // namespace pgwraith::throttle
