// What others may know of a running migration. One value, written by the phases, read by the progress line,
// the log and the control socket: all on the io_context's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pgwraith/base/lsn.h"
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

const char* phase_name(Phase phase);  // "catch_up"

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

struct Progress {
    Phase phase = Phase::prepare;
    bool rehearsal = false;
    std::optional<Rehearsed> rehearsed;  // when it has gone back
    bool direct = false;                 // without a shadow: steps on the live table
    bool expands = false;                // of it: both versions of a column stand side by side
    std::string activity;           // what it does right now: "purging 12,345 changed keys", "building orders_pkey"
    std::uint64_t units_done = 0;   // of this phase: blocks copied, indexes built, blocks verified …
    std::uint64_t units_total = 0;  // 0: not known
    std::uint64_t rows_copied = 0;
    std::uint64_t row_estimate = 0;               // of the live table
    double rows_per_second = 0;                   // of the current phase, smoothed
    std::optional<milliseconds> eta;              // of the current phase, only when it means something
    std::optional<std::string> throttled;         // why the gate is closed
    milliseconds throttled_for{0};                // in all
    std::uint64_t changes_received = 0;           // row changes from the stream
    std::uint64_t changes_applied = 0;            // keys applied to the shadow
    std::uint64_t pending_changes = 0;            // keys in the ledger, estimated
    std::uint64_t stream_lag_bytes = 0;           // server's insert position minus what is recorded
    std::uint64_t retained_wal_bytes = 0;         // that our slot keeps on the server
    std::optional<milliseconds> replica_lag;      // the worst
    std::vector<throttle::SignalState> signals;   // those that have a limit
    int workers_allowed = 1;                      // of each kind, by the room that the signals leave
    std::uint64_t rows_verified = 0;              // of the live table, by the verification under way or the last one
    std::uint64_t shadow_rows_verified = 0;       // of the shadow, likewise
    std::uint64_t differences_repaired = 0;       // by all verifications
    std::vector<std::string> unverified_columns;  // of the new table, that no verification can compare
    std::uint32_t verifications = 0;              // that came to their end, of this process
    std::optional<Verification> last_verification;
    std::uint32_t cutover_attempts = 0;
    std::uint32_t blockers_terminated = 0;  // sessions that stood in the swap's way, on request
    std::optional<double> blocked_ms;       // how long others may have waited for us at most, since the migration began
    std::string blocked_by;                 // for which statement; empty: for the swap
    std::string old_table;                  // after the swap: the old table's name as SQL; empty when it was dropped
    std::vector<std::string> undone;        // of what was to follow the swap: statements, each with the reason
    std::string already_done;               // when an earlier run had done it; empty: this one
    bool slot = false;                      // there is one of ours on the server, which keeps WAL
    std::string borrowed_identity;          // the live table's replica identity meanwhile, and before; empty: its own
    std::uint32_t reconnects = 0;
    Clock::time_point started;
    std::vector<std::pair<Phase, milliseconds>> phase_times;  // finished phases, of this process

    // 0 … 1 within the phase; never above 1. The display keeps it from going backwards.
    double fraction() const;
};

}  // namespace pgwraith::migration
