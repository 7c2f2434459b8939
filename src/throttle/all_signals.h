// The signals, each in a file of its own under signals/.
#pragma once

#include <memory>
#include <string>

#include "pgwraith/throttle/signals.h"

namespace pgwraith::throttle {

// What a signal may need.
struct Surroundings {
    const config::Settings& settings;
    Standbys& standbys;
    Facts& facts;
    std::string own_slot;  // empty: there is none
};

std::unique_ptr<Signal> replica_lag(const Surroundings& around);
std::unique_ptr<Signal> commit_latency(const Surroundings& around);
std::unique_ptr<Signal> retained_wal(const Surroundings& around);
std::unique_ptr<Signal> slot_lag(const Surroundings& around);
std::unique_ptr<Signal> slot_lag_bytes(const Surroundings& around);
std::unique_ptr<Signal> active_sessions(const Surroundings& around);
std::unique_ptr<Signal> lock_waiters(const Surroundings& around);
std::unique_ptr<Signal> wal_rate(const Surroundings& around);
std::unique_ptr<Signal> named_replicas(const Surroundings& around);
std::unique_ptr<Signal> forced_checkpoints(const Surroundings& around);
std::unique_ptr<Signal> wal_directory(const Surroundings& around);
std::unique_ptr<Signal> database_size(const Surroundings& around);
std::unique_ptr<Signal> user_query(const Surroundings& around);
std::unique_ptr<Signal> flag_file(const Surroundings& around);
std::unique_ptr<Signal> working_hours(const Surroundings& around);

}  // namespace pgwraith::throttle
