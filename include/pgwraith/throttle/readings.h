// What the answers that signals get mean. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/units.h"
#include "pgwraith/config/throttle.h"
#include "pgwraith/throttle/signal.h"

namespace pgwraith::throttle {

// What a logical slot's consumer has not confirmed yet.
struct SlotLag {
    std::string name;
    std::uint64_t bytes = 0;
    milliseconds time{0};
};

// The one that is furthest behind, by time or by bytes.
Reading judge_slot_time(const std::vector<SlotLag>& slots, const config::Throttle& limits);
Reading judge_slot_bytes(const std::vector<SlotLag>& slots, const config::Throttle& limits);

struct QueryAnswer {
    bool yes = false;  // true: hold
    std::optional<double> number;
};
// Of `throttle.query`. `text`: of its one value. Throws Error(usage) when it is neither a boolean nor a number.
QueryAnswer judge_answer(int rows, int columns, const std::optional<std::string>& text);
QueryAnswer judge_answer(const postgres::Result& result);

// The WAL's growth.
class Rate {
  public:
    explicit Rate(milliseconds over) : over_(over) {}

    void observe(Clock::time_point now, Lsn position);
    std::optional<double> per_second() const;  // nullopt: too little was observed

  private:
    milliseconds over_;
    std::deque<std::pair<Clock::time_point, Lsn>> observed_;
};

// How often a counter of the server's has gone up lately.
class Recent {
  public:
    void observe(Clock::time_point now, std::int64_t counter);
    // Since it was first observed, at most `time` ago.
    std::int64_t within(Clock::time_point now, milliseconds time) const;

  private:
    std::optional<std::int64_t> counter_;
    std::deque<std::pair<Clock::time_point, std::int64_t>> rises_;
};

}  // namespace pgwraith::throttle
