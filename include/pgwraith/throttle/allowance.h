// How many workers there may be: more and more while the signals have room, half as many at once when they have none.
// Pure.
#pragma once

#include <vector>

#include "pgwraith/base/units.h"
#include "pgwraith/throttle/signal.h"

namespace pgwraith::throttle {

class Allowance {
  public:
    // A look at the signals. `pressure`: of the worst one, as a share of its limit; more than 1 when it holds. `most`
    // is how many are wanted.
    int look(Clock::time_point now, double pressure, int most);
    int workers() const { return workers_; }

  private:
    int workers_ = 1;
    bool was_shed_ = false;  // until then it doubles, so that all of an idle server is used at once
    Clock::time_point changed_{};
};

// How many of `wanted` parallel workers a statement may have that runs to its end once it has begun.
int parallel_helpers(int wanted, double pressure);

// Of the worst signal.
double pressure(const std::vector<SignalState>& signals);

}  // namespace pgwraith::throttle
