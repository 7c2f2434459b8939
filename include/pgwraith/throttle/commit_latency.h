// How long commits take, by probes. Pure.
#pragma once

#include <deque>
#include <optional>

#include "pgwraith/base/units.h"
#include "pgwraith/config/throttle.h"

namespace pgwraith::throttle {

constexpr milliseconds probe_interval{500};

class CommitLatency {
  public:
    void took(double ms);

    // The middle one of the last three. A probe that has been waiting for `waiting` counts once for each that could
    // have been made meanwhile: one slow commit is nothing, one that does not end is.
    std::optional<double> now(double waiting = 0) const;
    // The best that was seen of several in a row: what a commit takes when little goes on.
    std::optional<double> quiet() const { return quiet_; }
    // nullopt: off, or not known yet.
    std::optional<double> limit(const config::LatencyLimit& limit) const;

  private:
    std::deque<double> last_;
    std::optional<double> quiet_;
};

}  // namespace pgwraith::throttle
