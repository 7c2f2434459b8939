// So many in a second and no more, however many ask: the thread that serves them is the migration's own. Pure.
#pragma once

#include <algorithm>

#include "pgwraith/base/units.h"

namespace pgwraith::web {

class Pace {
  public:
    // `burst` at once after a rest, then one every `interval`.
    Pace(milliseconds interval, int burst) : interval_(interval), rest_(interval * burst) {}

    // When the next one may go on; takes its place.
    Clock::time_point next(Clock::time_point now) {
        due_ = std::max(due_, now - rest_) + interval_;
        return std::max(due_, now);
    }

  private:
    milliseconds interval_;
    milliseconds rest_;
    Clock::time_point due_{};
};

}  // namespace pgwraith::web
