// How fast a phase goes, and how long the rest of it takes. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "pgwraith/base/units.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::migration {

// Rows per second of one phase, smoothed. A new phase begins anew.
class Speed {
  public:
    // `rows`: done in this phase by now. nullopt: nothing new is known, what was said before holds.
    std::optional<double> measure(Clock::time_point now, Phase phase, std::uint64_t rows);

  private:
    std::optional<Phase> phase_;
    Clock::time_point measured_at_;
    std::uint64_t rows_ = 0;  // done then
    double rows_per_second_ = 0;
};

// nullopt in the first moments of a phase and while nothing moves: it would only jump.
std::optional<milliseconds> time_left(std::uint64_t rows, double rows_per_second, double fraction);

}  // namespace pgwraith::migration
