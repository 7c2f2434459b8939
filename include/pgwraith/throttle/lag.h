// How far behind a standby's replay is, as time. Pure.
#pragma once

#include <deque>
#include <optional>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/units.h"

namespace pgwraith::throttle {

// pg_stat_replication.replay_lag only moves when a standby replays something: while replay is paused it keeps its
// last value or NULL. So we remember where the primary's WAL was at what time, and a standby is as far behind as it
// is long ago that the primary was where the standby is now.
class WalClock {
  public:
    explicit WalClock(milliseconds memory = std::chrono::hours{1}) : memory_(memory) {}

    // The primary's WAL stood at `position` at `now`. Both never go backwards.
    void observe(Clock::time_point now, Lsn position);

    // 0 for a standby that has replayed everything observed. A standby that is further back than the memory is at
    // least as far behind as the oldest observation is old.
    milliseconds lag(Clock::time_point now, Lsn replayed) const;

  private:
    struct Observation {
        Clock::time_point at;
        Lsn position;
    };
    milliseconds memory_;
    std::deque<Observation> observations_;
};

}  // namespace pgwraith::throttle
