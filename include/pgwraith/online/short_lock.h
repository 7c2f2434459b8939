// Statements under strong locks that nobody waits for long: one transaction, tried until its locks are free.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/carry/carry.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/cutover/locks.h"
#include "pgwraith/online/step.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::online {

struct ShortWork {
    std::vector<TableLock> locks;  // the live table's first
    std::vector<std::string> statements;
    Oid table = 0;  // the live one
};

struct Tried {
    bool done = false;
    std::string why_not;    // what was in the way
    bool too_long = false;  // the locks were granted, the statements took longer than max_blocked
    double blocked_ms = 0;  // how long others may have waited, the lock's queue included
    double waited_ms = 0;   // until the locks were granted
    double commit_ms = 0;   // of a rehearsal: another transaction's COMMIT
};

// Attempts that took too long, so often that it is no accident.
inline constexpr int too_long_at_most = 3;
// After so many. `hint`: what else to do than to raise cutover.max_blocked.
Error takes_too_long(const std::string& what, milliseconds max_blocked, std::string hint);

// Thread contract: the io_context's thread.
class ShortLock {
  public:
    // Is given the transaction's id before anything is locked, and records it: pg_xact_status() tells what became of
    // it.
    using Intent = std::function<Task<void>(Xid)>;

    // Both must outlive it; limits are read anew for each attempt.
    ShortLock(const postgres::Sessions& sessions, const config::Settings& settings);
    ~ShortLock();

    // One attempt. Not done: everything is as before. First long transactions are looked for, so that nobody queues
    // behind us for nothing; then weak locks make an autovacuum yield; then the strong ones, for cutover.lock_timeout.
    // Throws PgError when a statement is refused, or when the connection is lost: then it may have happened;
    // Error(stopped) when the live table's name is another table's by then: nothing was done. A rehearsal is done when
    // all of it was tried and rolled back.
    Task<Tried> attempt(ShortWork work, Intent intent, cutover::Ending ending = cutover::Ending::swap);

  private:
    Task<void> open_sessions();
    Task<std::vector<carry::Lock>> locks_of(std::vector<TableLock> wanted);
    Task<std::string> begin(std::vector<carry::Lock> locks, Intent intent);
    Task<void> script_watched(std::string sql);
    Tried called_off(const std::exception_ptr& failure, bool locked, double blocked_ms) const;

    const postgres::Sessions& sessions_;
    const config::Settings& settings_;
    cutover::LongHolders long_holders_;
    std::unique_ptr<cutover::LockWatch> watch_;
    std::unique_ptr<postgres::Connection> session_;
    std::unique_ptr<postgres::Connection> watcher_;
};

}  // namespace pgwraith::online
