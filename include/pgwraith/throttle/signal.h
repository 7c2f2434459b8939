// One thing that tells how the server is: what it is now, what it may be.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pgwraith/base/units.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::throttle {

struct Reading {
    std::optional<double> value;  // nullopt: there is nothing to measure
    std::optional<double> limit;  // nullopt: no value is too much
    std::string why{};            // for the operator, when it is too much: "replica r1 is 14.2s behind (limit 10s)"
    bool over = false;            // too much whatever the value is
    double lets_go_at = 0.8;      // of the limit: a value that goes up and down at it would open and close all the time
};

// As others see it.
struct SignalState {
    std::string name;  // replica_lag
    std::string unit;  // ms, bytes, sessions …; empty: a plain number, or none
    std::optional<double> value;
    std::optional<double> limit;
    bool holds = false;
    std::string why;          // while it holds
    Clock::time_point since;  // it has held, or not held
};

class Signal {
  public:
    virtual ~Signal() = default;

    virtual const char* name() const = 0;
    virtual const char* unit() const = 0;
    // There is a limit at this moment: `pgwraith set` may change that.
    virtual bool wanted() const = 0;
    // What may take longer than a moment has a session of its own; the others share one.
    virtual bool has_own_session() const { return false; }
    virtual Task<std::unique_ptr<postgres::Connection>> open(const postgres::Sessions& sessions) const;

    // Asks. Throws PgError, or Error with the reason why it cannot be known.
    virtual Task<void> read(postgres::Connection& connection) = 0;
    // By what was read last; may count what a read() has been waiting for until `now`.
    virtual Reading reading(Clock::time_point now) const = 0;
};

}  // namespace pgwraith::throttle
