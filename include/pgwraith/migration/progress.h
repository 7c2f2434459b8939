// What others may know of a running migration. One value, written by the phases, read by the progress line,
// the log and the control socket: all on the io_context's thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pgwraith/base/activity.h"
#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"
#include "pgwraith/base/units.h"
#include "pgwraith/throttle/signal.h"

namespace pgwraith::migration {

enum class Phase {
    prepare,
    steps,
    compare,
    expanded,
    contract,
    copy,
    build,
    catch_up,
    verify,
    ready,
    cutover,
    going_back,  // of a rehearsal
    done
};

inline constexpr std::array all_phases{
    Phase::prepare,  Phase::steps,  Phase::compare, Phase::expanded, Phase::contract,   Phase::copy, Phase::build,
    Phase::catch_up, Phase::verify, Phase::ready,   Phase::cutover,  Phase::going_back, Phase::done};

static_assert(all_phases.size() == static_cast<std::size_t>(Phase::done) + 1);

const char* phase_name(Phase phase);  // "catch_up"

// What `pgwraith abort` does to a migration that is not done: "drops everything", to be read on.
const char* what_abort_does(bool direct);

// The table's name as one would write it in SQL: quoted only where it must be.
std::string display_name(const QualifiedName& name);

// What one verification compared, from its beginning to its end.
struct Verification {
    std::uint64_t rows_live = 0;
    std::uint64_t rows_shadow = 0;
    std::uint64_t repaired = 0;
};

// What of a rehearsal was tried, or made and taken back; times are milliseconds.
// On disk: do not rename the members.
struct RehearsedStep {
    std::string what;            // "the swap"
    std::string how;             // "made", "tried", "left out"
    std::string note;            // why it was left out …; may be empty
    double took_ms = 0;          // in all, pauses between attempts included
    std::uint32_t attempts = 0;  // at its locks; 0: it has none that others would wait for
    double waited_ms = 0;        // the last one, for its locks
    double blocks_ms = 0;        // how long others would have to wait for it, the lock's queue included
    double called_off_ms = 0;    // how long others have waited at most for an attempt that was called off
    std::vector<std::pair<std::string, double>> parts = {};  // of what they would wait for
};

// What a rehearsal has found out. On disk: do not rename the members.
struct Rehearsed {
    std::string failed;        // why it did not come to the last step; empty: it did
    bool interrupted = false;  // by the end of a process, whose times are not among these
    std::vector<std::pair<std::string, std::int64_t>> phases;  // by name, milliseconds
    std::vector<RehearsedStep> steps;
    std::vector<std::string> kept;  // what cannot be taken back
    double way_back_ms = 0;
};

// The server cannot be reached, or the state directory cannot be written, or a lock is not granted: it is tried again.
struct Outage {
    std::string why;
    Clock::time_point since;
    Clock::time_point next;                     // when it is tried again
    std::optional<Clock::time_point> gives_up;  // nullopt: it does not give up
};

struct LastError {
    std::string what;
    Clock::time_point at;
};

// Where the change stream stands. All of it comes in order: received, recorded in the ledger, synced, acknowledged.
struct StreamState {
    Lsn received;
    Lsn durable;
    Lsn acknowledged;
    std::optional<milliseconds> lag;  // how long ago the server's WAL was where the ledger is
};

struct Progress {
    Phase phase = Phase::prepare;
    bool rehearsal = false;
    std::optional<Rehearsed> rehearsed;       // when it has gone back
    bool direct = false;                      // without a shadow: steps on the live table
    bool expands = false;                     // of it: both versions of a column stand side by side
    bool contracts = false;                   // `pgwraith contract`
    bool aborting = false;                    // an abort was asked for, or has begun in a process that is gone
    bool owns = false;                        // this process holds the table, and nobody else may migrate it
    std::optional<Clock::time_point> paused;  // since when, by the operator
    std::optional<Outage> outage;
    std::optional<LastError> last_error;
    std::vector<std::string> drift;  // what others did to the live table that makes the swap wrong
    bool falls_behind = false;       // catching up: changes come faster, as the activity says in figures
    Activity activity;               // what it does right now
    std::uint64_t units_done = 0;    // of this phase: blocks copied, indexes built, blocks verified …
    std::uint64_t units_total = 0;   // 0: not known
    std::uint64_t rows_copied = 0;
    std::uint64_t row_estimate = 0;          // of the live table
    double rows_per_second = 0;              // of the current phase, smoothed
    std::optional<milliseconds> eta;         // of the current phase, only when it means something
    std::optional<milliseconds> eta_total;   // until the swap, likewise; rougher
    std::uint32_t chunk_blocks = 0;          // of the last chunk
    std::string copy_method;                 // how the newest chunk was copied: "insert" or "copy"
    int workers_busy = 0;                    // that work at this moment
    std::optional<milliseconds> chunk_took;  // the last one
    std::optional<std::string> throttled;    // why the gate is closed
    milliseconds throttled_for{0};           // in all
    std::uint64_t changes_received = 0;      // row changes from the stream
    std::uint64_t changes_applied = 0;       // keys applied to the shadow
    double changes_per_second = 0;           // received, smoothed
    double applied_per_second = 0;           // likewise
    std::optional<StreamState> stream;
    std::uint64_t ledger_bytes = 0;               // on disk and in memory
    std::uint64_t pending_changes = 0;            // keys in the ledger, estimated
    std::uint64_t stream_lag_bytes = 0;           // server's insert position minus what is recorded
    std::uint64_t retained_wal_bytes = 0;         // that our slot keeps on the server
    std::optional<std::int64_t> safe_wal_bytes;   // that the server may write until the slot is lost; nullopt: any
    std::optional<milliseconds> wal_left_for;     // at the rate at which the kept WAL grows; nullopt: it does not grow
    std::optional<milliseconds> replica_lag;      // the worst
    std::vector<throttle::SignalState> signals;   // those that have a limit
    int workers_allowed = 1;                      // of each kind, by the room that the signals leave
    std::uint64_t rows_verified = 0;              // of the live table, by the verification under way or the last one
    std::uint64_t shadow_rows_verified = 0;       // of the shadow, likewise
    std::uint64_t differences_repaired = 0;       // by all verifications
    std::vector<std::string> unverified_columns;  // of the new table, that no verification can compare
    std::uint32_t verifications = 0;              // that came to their end, of this process
    std::uint32_t called_off = 0;                 // attempts at the swap and other short locks that came to nothing
    std::optional<Verification> last_verification;
    std::string swap_when;  // what the swap waits for when it is ready, in words
    std::uint32_t cutover_attempts = 0;
    std::uint32_t blockers_terminated = 0;   // sessions that stood in the swap's way, on request
    std::optional<double> swap_estimate_ms;  // how long others would wait for a swap, by the last measured drain
    std::optional<double> blocked_ms;  // how long others may have waited for us at most, since the migration began
    std::string blocked_by;            // for which statement; empty: for the swap
    std::string old_table;             // after the swap: the old table's name as SQL; empty when it was dropped
    std::vector<std::string> undone;   // of what was to follow the swap: statements, each with the reason
    std::string already_done;          // when an earlier run had done it; empty: this one
    bool slot = false;                 // there is one of ours on the server, which keeps WAL
    std::string borrowed_identity;     // the live table's replica identity meanwhile, and before; empty: its own
    std::uint32_t reconnects = 0;
    Clock::time_point started;
    Clock::time_point phase_began;
    Clock::time_point advanced;                               // when anything got further
    std::vector<std::pair<Phase, milliseconds>> phase_times;  // finished phases, of this process

    // 0 … 1 within the phase; never above 1. The display keeps it from going backwards.
    double fraction() const;
};

}  // namespace pgwraith::migration
