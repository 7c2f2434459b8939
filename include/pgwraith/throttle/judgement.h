// What was read of the server's load, turned into reasons to hold the gate. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/throttle/lag.h"
#include "pgwraith/throttle/signal.h"
#include "pgwraith/throttle/standbys.h"

namespace pgwraith::throttle {

// What is known of a signal at a moment.
struct Sample {
    Clock::time_point at;
    std::optional<Clock::time_point> read;  // when it was last read; nullopt: never
    std::string failure{};                  // why it could not be read since
    Reading reading{};
};

// One signal's. Remembers whether it holds: it lets go below its limit only.
class SignalJudge {
  public:
    SignalJudge(std::string name, std::string unit);

    const SignalState& judge(const Sample& sample);
    const SignalState& state() const { return state_; }
    // How bad it is: a multiple of the limit.
    double severity() const;

  private:
    SignalState state_;
    bool judged_ = false;
    bool held_by_value_ = false;
};

// A walsender that replays, or may.
struct Replica {
    std::string name;  // application_name
    int pid = 0;
    std::optional<Lsn> replayed;  // nullopt: our role may not see it
};

struct ReplicaReading {
    Clock::time_point at;
    Lsn position;  // of the primary
    std::vector<Replica> replicas;
};

struct ReplicaVerdict {
    std::optional<milliseconds> lag;  // of the replica that is furthest behind; nullopt: there is none
    std::string behind;               // which one it is, and how far
    // Why nobody knows how far they are, for the operator; nullopt: no reason to wait.
    std::optional<std::string> not_yet;
    std::optional<std::string> missing;
    std::optional<std::string> hidden;
};

// Remembers what earlier readings said.
class ReplicaJudge {
  public:
    // What `standbys` know is brought up to date.
    ReplicaVerdict judge(const ReplicaReading& reading, const config::Throttle& limits, Standbys& standbys);

  private:
    WalClock wal_clock_;
    std::optional<Lsn> began_at_;       // the primary's position at the first reading
    std::set<std::string> up_to_date_;  // replicas that have replayed that
    std::optional<Clock::time_point> hidden_since_;
};

// The lag against its limit, and that what is not known holds the gate.
Reading reading_of(const ReplicaVerdict& verdict, const config::Throttle& limits);

struct SlotReading {
    std::string wal_status;
    std::uint64_t retained_bytes = 0;
    std::optional<std::int64_t> safe_wal_size;  // nullopt: max_slot_wal_keep_size is unlimited
};

// Why not to make more WAL: the server is about to take our slot away. nullopt: no reason.
std::optional<std::string> judge_slot(const SlotReading& reading);

}  // namespace pgwraith::throttle
