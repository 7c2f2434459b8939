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

// How fast a figure grows, smoothed. A figure that falls begins anew.
class Growth {
  public:
    // nullopt: too little was seen since the last answer; that one holds.
    std::optional<double> measure(Clock::time_point now, std::uint64_t figure);
    double per_second() const { return per_second_; }

  private:
    std::optional<Clock::time_point> measured_at_;
    std::uint64_t figure_ = 0;
    double per_second_ = 0;
    bool known_ = false;
};

// Until the server takes the slot, if what it keeps (`retained`, bytes) goes on growing as now; `safe`: bytes that it
// may write until then. nullopt: it does not grow, or too little of what is allowed is used: what a slot keeps rises
// and falls all the time, by a checkpoint's worth of WAL, so that one rise says nothing.
std::optional<milliseconds> time_until_slot_is_lost(std::uint64_t retained, std::int64_t safe, double per_second);

// Until the swap may begin, by the pace of what was done so far; nullopt: it is not known. What the build and the
// verification take beside the copy is a guess (docs/figures.md). `indexes`: of the new table, the primary key among
// them; `in_phase`: how long it has been in this phase.
std::optional<milliseconds> time_to_the_swap(const Progress& progress, std::size_t indexes, bool verifies,
                                             milliseconds in_phase);

// What fills a column in place: how long it takes yet, and what comes after it.
class FillSpeed {
  public:
    // A chunk is done. `done`: blocks of the pass under way, of `all`.
    void measure(Clock::time_point now, int pass, std::uint64_t done, std::uint64_t all);
    // Until the passes that are sure to come are over. nullopt: it is not known.
    std::optional<milliseconds> left() const;
    // With the steps that follow, whose share of the filling's time is a guess: reads of the whole table, and builds of
    // indexes. `compares`: the rows are compared with the expression in the end.
    std::optional<milliseconds> left_in_all(int reads, int builds, bool compares) const;

  private:
    Speed speed_;
    int pass_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t all_ = 0;
    double blocks_per_second_ = 0;      // of this pass
    std::optional<double> first_pass_;  // what it takes or took, milliseconds
};

// nullopt in the first moments of a phase and while nothing moves: it would only jump.
std::optional<milliseconds> time_left(std::uint64_t rows, double rows_per_second, double fraction);

}  // namespace pgwraith::migration
