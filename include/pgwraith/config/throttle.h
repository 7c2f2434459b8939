// When to hold the work back, so that others do not notice it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/units.h"
#include "pgwraith/config/hours.h"

namespace pgwraith::config {

// Of a commit. Automatic: by what a commit takes while the server is quiet.
struct LatencyLimit {
    bool automatic = true;
    std::optional<milliseconds> fixed;  // neither: off

    bool off() const { return !automatic && !fixed; }
    bool operator==(const LatencyLimit&) const = default;
};

// Either may be missing; neither: off.
struct LagLimit {
    std::optional<milliseconds> time;
    std::optional<std::uint64_t> bytes;

    bool off() const { return !time && !bytes; }
    bool operator==(const LagLimit&) const = default;
};

struct Throttle {
    milliseconds max_replica_lag{10'000};
    std::vector<std::string> ignore_replicas;  // standbys that do not count, by application_name, or as messages say
    std::vector<std::string> replicas;         // standbys asked by ourselves: connection strings
    LatencyLimit max_commit_latency;
    LagLimit max_slot_lag;  // of other logical slots' consumers
    std::vector<std::string> ignore_slots;
    std::optional<int> max_active_sessions;         // nullopt: off, as everywhere below
    std::optional<int> max_lock_waiters;            // sessions that wait for a lock
    std::optional<std::uint64_t> max_wal_rate;      // bytes per second, of the whole server
    std::optional<std::uint64_t> max_retained_wal;  // that our slot keeps
    std::optional<int> max_forced_checkpoints;      // within the server's checkpoint_timeout
    std::optional<std::uint64_t> max_wal_directory;
    std::optional<std::uint64_t> max_database_size;
    std::string query;  // the user's own signal; empty: none
    double query_limit = 0;
    std::filesystem::path flag_file;  // absolute; empty: none
    Hours hours;                      // of work
    double idle_ratio = 0.0;          // pause after each chunk, as a share of the time the chunk took; 0 … 10

    bool ignores(const std::string& replica) const {
        return std::ranges::find(ignore_replicas, replica) != ignore_replicas.end();
    }
    bool operator==(const Throttle&) const = default;
};

}  // namespace pgwraith::config
