// The locked swap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/fingerprint.h"
#include "pgwraith/cutover/locks.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/transfer/applier.h"
#include "pgwraith/transfer/last_keys.h"

namespace pgwraith::cutover {

// How long to wait before the next attempt: longer each time, because an attempt that fails has kept others waiting.
// Pure.
class Pacing {
  public:
    milliseconds next();
    std::uint32_t attempts() const { return attempts_; }

  private:
    std::uint32_t attempts_ = 0;
};

// What one attempt relies on: read at one moment, and checked again under the lock.
struct Expectation {
    carry::SwapPlan plan;
    catalog::Fingerprint fingerprint;  // of that moment
    std::vector<std::string> drift;    // since the migration began, and makes the swap wrong
    std::set<std::string> keys;        // to be compared under the lock, besides the last of the ledger
};

// How an attempt ends.
enum class Ending {
    swap,
    rehearsal,  // all is done under the locks, and rolled back by the message that does the last of it
};

// What an attempt that came to its end took, in milliseconds. Others wait from `locks_ms` on.
struct Measured {
    double weak_ms = 0;        // until vacuum and DDL were kept away; nobody waits for us meanwhile
    double locks_ms = 0;       // until the strong locks were granted
    double stream_ms = 0;      // until a watermark had come back, and the definition was checked beside it
    double keys_ms = 0;        // the last keys applied and compared
    double statements_ms = 0;  // the swap's statements; of a rehearsal with ROLLBACK
    double commit_ms = 0;      // of a rehearsal: a COMMIT of another transaction
    std::size_t keys = 0;
    std::size_t statements = 0;
    std::size_t after_commit = 0;  // statements that follow the swap
};

struct SwapResult {
    bool swapped = false;
    std::string reason;                     // when it was not: what was in the way
    double blocked_ms = 0;                  // how long others may have been waiting, the lock's queue included
    std::optional<Measured> measured = {};  // it came to its end: COMMIT, or the ROLLBACK of a rehearsal
};

// COMMIT was sent for the transaction, so it may have happened. find_outcome() asks the server until it knows.
enum class Outcome { committed, rolled_back };
// Where the table is that was the live one: as before, where the swap puts it, or neither, because somebody has dropped
// or moved it.
enum class LiveTable { in_place, in_old_schema, elsewhere };
// What the catalog shows counts; where it shows nothing, what the server says of the transaction.
Outcome outcome_of(postgres::XactStatus status, LiveTable live);
Task<Outcome> find_outcome(const postgres::Sessions& sessions, Xid xid, Oid live, QualifiedName name,
                           std::string old_schema);
// COMMIT was sent, and there is no server to ask.
Error unknown_outcome(Xid xid);
// The live table was altered since the shadow was made; nothing was swapped.
Error altered(const QualifiedName& live, const std::vector<std::string>& drift);

// Thread contract: the io_context's thread.
class Cutover {
  public:
    ~Cutover();
    // `applier` must outlive it.
    Cutover(transfer::Context context, transfer::Applier& applier, std::string old_schema, std::string marker,
            Ending ending = Ending::swap);

    // The sessions of the next attempt, side by side; may be done while it is planned.
    Task<void> open_sessions();

    // One attempt. Not swapped: everything is as before and the applier goes on.
    // Somebody who alters the table between the plan and the lock calls the attempt off: the next one plans anew.
    // Throws Error(stopped) when there is drift (or rows differ), transfer::TableRewritten after a TRUNCATE,
    // PgError when a connection was lost before COMMIT was sent, Error(unknown_outcome) when COMMIT was sent and the
    // server cannot be asked.
    Task<SwapResult> attempt(const Expectation& expectation);
    // The transaction whose COMMIT was sent and whose outcome is unknown (after attempt() threw).
    std::optional<Xid> commit_unanswered() const {
        if (!commit_unanswered_) return std::nullopt;
        return xid_;
    }

  private:
    Task<std::string> catch_up();
    Task<void> await_stream(bool paused);  // the applier is, and goes on afterwards
    Task<void> begin_transaction();
    Task<void> keep_vacuum_away();
    Task<void> plan_ahead(const Expectation& expectation);
    Task<std::vector<postgres::Result>> script_watched(std::string sql);
    Task<void> throw_refused(std::optional<postgres::PgError> error);
    Task<void> name_holders(std::optional<postgres::PgError> failure);
    Task<void> open_session();
    Task<SwapResult> attempt_locked(const Expectation& expectation);
    Task<void> swap_under_lock(const Expectation& expectation, Clock::time_point deadline);
    Task<void> run_statements();
    Task<void> become_current(Clock::time_point deadline);
    Task<void> check_definition(const Expectation& expectation, Clock::time_point deadline);
    Task<void> drain(const Expectation& expectation, Clock::time_point deadline);
    Task<void> apply_last(std::vector<store::LedgerEntry> entries, std::set<std::string> others,
                          std::vector<transfer::Difference>& differing);
    Task<void> commit();

    transfer::Context context_;
    transfer::Applier& applier_;
    carry::SwapPlan plan_;  // of this attempt
    std::optional<transfer::LastKeys> last_keys_;
    std::optional<double> ms_per_last_key_;  // in the last attempt that came to them
    std::string differing_flags_;            // by an event trigger; empty: none
    std::string old_schema_;
    std::string marker_;
    Ending ending_;
    Measured measured_;                              // by this attempt
    Rounds rounds_;                                  // by a rehearsed attempt
    std::unique_ptr<postgres::Connection> session_;  // holds the lock
    std::unique_ptr<postgres::Connection> emitter_;
    std::unique_ptr<postgres::Connection> watcher_;
    std::unique_ptr<LongHolders> long_holders_;
    std::unique_ptr<LockWatch> watch_;
    bool paused_ = false;                                           // the applier
    std::optional<std::chrono::steady_clock::time_point> started_;  // the strong locks of this attempt were asked for
    Xid xid_ = 0;
    bool commit_unanswered_ = false;
};

}  // namespace pgwraith::cutover
