// The one reader of all signals: twice a second each is read and judged (judgement.h), and holds the gate or lets go.
// How much room they leave decides how many workers there may be (allowance.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/allowance.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/throttle/judgement.h"
#include "pgwraith/throttle/signal.h"
#include "pgwraith/throttle/standbys.h"

namespace pgwraith::throttle {

// What the signals work with. All of it belongs to the attempt at a migration or outlives it, and outlives Signals.
struct Context {
    const postgres::Sessions& sessions;
    const config::Settings& settings;  // `pgwraith set` changes them: limits are read anew on every poll
    Gate& gate;
    Standbys& standbys;
};

// What the signals learn that others want to know as well.
struct Facts {
    Lsn wal_position;  // of the server
    std::optional<milliseconds> replica_lag;
    std::uint64_t retained_wal_bytes = 0;
    std::optional<std::int64_t> safe_wal_bytes;  // that may be written until our slot is lost; nullopt: no limit
};

// Reads until cancelled; a lost connection throws (the migration's supervisor reconnects). A signal that cannot be
// read for longer than a short grace holds the gate too (docs/architecture.md, invariant 11).
class Signals {
  public:
    Signals(Context context, std::string own_slot);
    ~Signals();

    // Reads the signals once, so that the gate is right before anybody passes it.
    Task<void> begin();
    Task<void> run();  // REQUIRES: begin() has returned

    const Facts& facts() const { return *facts_; }
    // Those that have a limit.
    std::vector<SignalState> states() const;

  private:
    struct Watched;

    Task<void> begin_shared();
    Task<void> begin_alone(Watched& one);
    Task<void> read(Watched& one, postgres::Connection& connection);
    Task<void> read_shared();
    Task<void> read_for_ever();
    Task<void> read_alone(Watched& one);
    Task<void> judge_for_ever();
    Task<void> make_session(Watched& one);
    void judge(Watched& one);
    void allow();
    int most_workers_wanted() const;

    Context context_;
    std::unique_ptr<Facts> facts_;
    std::vector<std::unique_ptr<Watched>> watched_;
    std::unique_ptr<postgres::Connection> connection_;
    Allowance allowance_;
};

}  // namespace pgwraith::throttle
