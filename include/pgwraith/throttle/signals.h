// The server's load, read twice a second and judged (judgement.h): reasons to hold the gate.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/throttle/judgement.h"
#include "pgwraith/throttle/standbys.h"

namespace pgwraith::throttle {

// What the signals work with. All of it belongs to the attempt at a migration or outlives it, and outlives Signals.
struct Context {
    const postgres::Sessions& sessions;
    const config::Settings& settings;  // `pgwraith set` changes them: limits are read anew on every poll
    Gate& gate;
    Standbys& standbys;
};

// Polls until cancelled; a lost connection throws (the migration's supervisor reconnects). A signal that cannot be
// read for longer than a short grace holds the gate too (docs/architecture.md, invariant 11).
class Signals {
  public:
    Signals(Context context, std::string own_slot);

    // Reads the signals once, so that the gate is right before anybody passes it.
    Task<void> begin();
    Task<void> run();  // REQUIRES: begin() has returned

    std::optional<milliseconds> replica_lag() const { return replica_lag_; }
    std::uint64_t retained_wal_bytes() const { return retained_wal_bytes_; }
    Lsn wal_position() const { return wal_position_; }  // of the server, at the last poll

  private:
    Task<void> poll(postgres::Connection& connection);
    Task<void> read_replicas(postgres::Connection& connection);
    Task<void> read_slot(postgres::Connection& connection);
    void hold_if(const std::string& name, const std::optional<std::string>& reason);

    Context context_;
    std::string own_slot_;
    std::optional<milliseconds> replica_lag_;
    std::uint64_t retained_wal_bytes_ = 0;
    Lsn wal_position_;
    std::unique_ptr<postgres::Connection> connection_;
    ReplicaJudge judge_;
};

}  // namespace pgwraith::throttle
