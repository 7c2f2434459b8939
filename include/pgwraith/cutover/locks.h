// Strong locks on several relations at once: weak ones first, which keep vacuum and DDL away, then the strong ones, in
// rounds. Of the swap, and of each step that changes the live table.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::cutover {

class LockWatch;

// SHARE UPDATE EXCLUSIVE on every table among them, in the session's transaction: it stops no reader or writer, makes
// an autovacuum yield and keeps others from beginning. Returns why not; empty: all are held. What the watch cancels is
// a PgError.
Task<std::string> take_weak_locks(postgres::Connection& session, postgres::Connection& watcher,
                                  std::vector<carry::Lock> locks, LockWatch& watch);

// A weak one that is waited for no longer than `wait`.
std::string weak_lock_statement(const carry::Lock& lock, milliseconds wait);

// One statement that takes all strong locks, or fails with lock_not_available and a Refused as detail.
std::string lock_statement(const std::vector<carry::Lock>& locks, milliseconds timeout);

struct Refused {
    std::string relation;
    double waited_ms = 0;   // in all
    double longest_ms = 0;  // that anybody can have waited for us at a stretch
    int rounds = 0;
};
std::optional<Refused> refused_lock(const postgres::PgError& error);

// How the locks came to be held, in milliseconds.
struct Rounds {
    double since_ms = 0;    // when the round began in which all were granted
    double longest_ms = 0;  // the longest of those before
    // How long anybody can have waited for us at a stretch, `total_ms` after they were asked for: locks that were given
    // back in between do not add up.
    double longest_wait(double total_ms) const { return std::max(total_ms - since_ms, longest_ms); }
};
// After that statement, in its transaction or behind its COMMIT (a ROLLBACK forgets them). Never throws PgError: when
// the session is gone, it is as if there had been one round.
Task<Rounds> lock_rounds(postgres::Connection& session);
// The same, for the rest of the transaction, `total_ms` in all.
Task<double> longest_wait(postgres::Connection& session, double total_ms);

// How a transaction ends that is only tried, in the message of its statements: what a COMMIT would look at is looked
// at, and there is no moment at which a COMMIT would do something.
std::string end_of_rehearsal();
// What such a transaction does not wait for: how long another one's COMMIT takes, in milliseconds.
Task<double> time_of_commit(postgres::Connection& session);

// Beside a wait for locks, on a session of its own: who is it that keeps us waiting, and does it wait for us? Thread
// contract: the io_context's thread.
class LockWatch {
  public:
    LockWatch(asio::any_io_executor executor, catalog::LockStrength wanted) : wanted_(wanted), looked_(executor) {}

    // Until it is cancelled or told to stop. Whoever holds what we wait for and waits for a lock of ours waits for
    // ever: then our statement is cancelled, before the server looks for deadlocks. For a weak lock (DDL in the
    // application's transaction) that ends the attempt, for a strong one the round.
    Task<void> watch(postgres::Connection& watcher, int waiting_pid);
    // No further look. One that is under way comes to its end, unless it takes long: cut short it would cost the
    // watcher its session.
    Task<void> stop();

    // Who holds that relation now. Never throws PgError.
    Task<void> look_at(postgres::Connection& watcher, std::string relation, int ours);

    std::string cancelled() const { return cancelled_; }  // why; empty: not
    // Nobody seen there: who held the others.
    std::string holders_of(const std::string& relation) const;
    // What we were last seen to wait for, how long, and for whom; empty: for nothing.
    std::string last_wait() const;

  private:
    Task<bool> look(postgres::Connection& watcher, int waiting_pid);

    catalog::LockStrength wanted_;
    Event looked_;
    bool looking_ = false;
    bool stopping_ = false;
    std::string named_;                        // the wait whose holders are known
    std::string in_ring_;                      // the wait that goes round in a ring, as seen at the look before
    std::map<std::string, std::string> seen_;  // who held it when we were last seen to wait for it
    std::string cancelled_;
    std::string waits_for_;  // the relation
    Clock::time_point since_;
};

// scripts() on the session, with the watch beside it.
Task<std::vector<postgres::Result>> script_watched(postgres::Connection& session, std::string sql,
                                                   postgres::Connection& watcher, LockWatch& watch);

// Transactions that have held what we want for longer than an attempt would wait. Their age is hidden from a role
// without pg_read_all_stats: so it is remembered when one was first seen, over all attempts.
class LongHolders {
  public:
    // Looks until those that hold something now have ended, for `patience` but 2 s at most, without asking for a lock.
    // Empty: it may be tried.
    Task<std::string> find(postgres::Connection& watcher, std::vector<carry::Lock> locks, int ours,
                           milliseconds patience);

    // Those that have held something for longer than `limit`, autovacuum apart: that yields. Forgets whom it does not
    // see. Pure.
    std::vector<catalog::LockHolder> longer_than(const std::vector<catalog::LockHolder>& holders, milliseconds limit,
                                                 Clock::time_point now);

  private:
    std::map<std::string, Clock::time_point> first_seen_;
};

}  // namespace pgwraith::cutover
