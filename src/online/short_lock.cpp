#include "pgwraith/online/short_lock.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::online {

namespace {

// A client that vanishes while it holds weak locks is in the way of vacuum and DDL only.
constexpr milliseconds weak_limit{60'000};

// From here on others wait for us: when we vanish the server lets go within about max_blocked.
std::string limits(int server_version, milliseconds left) {
    const auto ms = std::max<std::int64_t>(1, left.count());
    auto sql = fmt::format(
        "SET LOCAL statement_timeout = '{0}ms'; SET LOCAL idle_in_transaction_session_timeout = '{0}ms'; ", ms);
    if (server_version >= postgres::since::transaction_timeout) {
        sql += fmt::format("SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = '{}ms'; ", ms);
    }
    return sql;
}

// Statements name the table, and somebody may have given its name to another one.
Task<void> require_same_table(postgres::Connection& connection, ShortWork work) {
    if (work.locks.empty()) co_return;
    const auto& name = work.locks.front().table;
    const auto found = co_await catalog::find_relation(connection, name);
    if (found == work.table) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("{} is no longer the table that was being migrated: it was dropped, renamed or made anew",
                            name.sql()),
                "The state is kept. Undo that, then run the same command again.");
}

}  // namespace

Error takes_too_long(const std::string& what, milliseconds max_blocked, std::string hint) {
    return Error(ErrorKind::stopped,
                 fmt::format("{} was rolled back {} times, because it takes longer than cutover.max_blocked ({}) under "
                             "its lock",
                             what, too_long_at_most, format_duration(max_blocked)),
                 std::move(hint));
}

ShortLock::ShortLock(const postgres::Sessions& sessions, const config::Settings& settings)
    : sessions_(sessions), settings_(settings) {}

ShortLock::~ShortLock() = default;

Task<void> ShortLock::open_sessions() {
    if (!watcher_ || !watcher_->is_open()) watcher_ = co_await sessions_.open("lock watch");
    if (session_ && session_->is_open()) co_return;
    session_ = co_await sessions_.open_for_rows("step");
    co_await session_->script(
        fmt::format("SET idle_in_transaction_session_timeout = '{}ms'; SET tcp_user_timeout = '{}ms'; "
                    "SET client_connection_check_interval = '100ms'",
                    weak_limit.count(), settings_.cutover.max_blocked.count()));
}

// A table that our role may not lock is locked by the statements themselves.
Task<std::vector<carry::Lock>> ShortLock::locks_of(std::vector<TableLock> wanted) {
    std::vector<carry::Lock> locks;
    for (const auto& lock : wanted) {
        const bool live = locks.empty();
        const auto may = co_await watcher_->query(
            "SELECT coalesce(has_table_privilege(to_regclass($1)::oid, 'UPDATE, DELETE, TRUNCATE'), false)",
            postgres::params(lock.table.sql()));
        carry::Lock needed{carry::Turn::before, "table", lock.table, lock.mode, ""};
        if (live) needed.turn = carry::Turn::live;
        if (may.boolean(0, 0)) {
            const char* only = live ? "ONLY " : "";
            needed.statement = fmt::format("LOCK TABLE {}{} IN {} MODE", only, lock.table.sql(), lock.mode);
        }
        locks.push_back(std::move(needed));
    }
    co_return locks;
}

// What takes long, while nobody waits for us. Returns what is in the way; empty: nothing.
Task<std::string> ShortLock::begin(std::vector<carry::Lock> locks, Intent intent) {
    const int ours = session_->backend_pid();
    const auto patience = 2 * settings_.cutover.lock_timeout;
    auto held = co_await long_holders_.find(*watcher_, locks, ours, patience);
    if (!held.empty()) co_return held;
    co_await session_->script("BEGIN");
    if (intent) {
        const auto xid = co_await session_->query("SELECT pg_current_xact_id()::text");
        co_await postgres::flush_wal(*watcher_);  // a crash must not give the id away again
        co_await intent(xid.uint64(0, 0));
        fault_point("step.intent");
    }
    watch_ = std::make_unique<cutover::LockWatch>(co_await asio::this_coro::executor,
                                                  catalog::LockStrength::share_update_exclusive);
    held = co_await cutover::take_weak_locks(*session_, *watcher_, locks, *watch_);
    if (!held.empty()) co_return held;
    // An autovacuum may have yielded; somebody may have come.
    held = co_await long_holders_.find(*watcher_, locks, ours, patience);
    co_return held;
}

Task<void> ShortLock::script_watched(std::string sql) {
    watch_ = std::make_unique<cutover::LockWatch>(co_await asio::this_coro::executor,
                                                  catalog::LockStrength::access_exclusive);
    co_await cutover::script_watched(*session_, std::move(sql), *watcher_, *watch_);
}

Task<Tried> ShortLock::attempt(ShortWork work, Intent intent, cutover::Ending ending) {
    Tried tried;
    cutover::Rounds rounds;
    watch_.reset();
    co_await open_sessions();
    const auto locks = co_await locks_of(work.locks);
    std::exception_ptr failure;
    std::optional<Clock::time_point> started;
    bool locked = false;
    bool over = false;
    try {
        tried.why_not = co_await begin(locks, std::move(intent));
        if (tried.why_not.empty()) {
            co_await require_same_table(*session_, work);  // the weak lock keeps it so
            const auto max_blocked = settings_.cutover.max_blocked;
            co_await session_->script(limits(session_->server_version(), max_blocked));
            started = Clock::now();
            co_await script_watched(cutover::lock_statement(locks, settings_.cutover.lock_timeout));
            locked = true;
            tried.waited_ms = ms_since(*started);
            fault_point("step.locked");
            if (ending == cutover::Ending::rehearsal) rounds = co_await cutover::lock_rounds(*session_);
            const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - *started);
            // One message: when we vanish in its midst the server comes to its end without us.
            auto sql = limits(session_->server_version(), max_blocked - passed);
            for (const auto& statement : work.statements) sql += statement + "; ";
            sql += ending == cutover::Ending::rehearsal ? cutover::end_of_rehearsal() : "COMMIT";
            co_await script_watched(std::move(sql));
            over = true;
            if (ending == cutover::Ending::swap) fault_point("step.committed");
        }
    } catch (...) {
        failure = std::current_exception();
    }
    if (over) {
        const auto total = ms_since(*started);
        tried.done = true;
        if (ending == cutover::Ending::rehearsal) {
            tried.blocked_ms = rounds.longest_wait(total);
            tried.commit_ms = co_await cutover::time_of_commit(*watcher_);
        } else {
            tried.blocked_ms = co_await cutover::longest_wait(*session_, total);
        }
        co_return tried;
    }
    double blocked_ms = 0;
    if (started) blocked_ms = ms_since(*started);
    if (failure) tried = called_off(failure, locked, blocked_ms);
    if (!is_cancellation(failure)) co_await postgres::rollback_quietly(*session_);
    if (failure && tried.why_not.empty()) std::rethrow_exception(failure);
    co_return tried;
}

// Without a reason it is no attempt that was called off, but a failure.
Tried ShortLock::called_off(const std::exception_ptr& failure, bool locked, double blocked_ms) const {
    using namespace postgres::sqlstate;
    Tried tried;
    tried.blocked_ms = blocked_ms;
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (watch_ && !watch_->cancelled().empty() && error.is(query_canceled)) {
            tried.why_not = watch_->cancelled();
        } else if (const auto refused = cutover::refused_lock(error)) {
            tried.blocked_ms = refused->longest_ms;
            tried.why_not = fmt::format("the lock on {} was not granted within {}", refused->relation,
                                        format_duration(milliseconds{static_cast<std::int64_t>(refused->waited_ms)}));
            if (const auto who = watch_->holders_of(refused->relation); !who.empty()) tried.why_not += ": " + who;
        } else if (error.lock_refused()) {
            const auto wait = watch_ ? watch_->last_wait() : "";
            tried.why_not = wait.empty() ? fmt::format("a lock was not granted: {}", error.message()) : wait;
        } else if (error.is(query_canceled) || error.is(idle_in_transaction_session_timeout) ||
                   error.is(transaction_timeout)) {
            tried.too_long = locked;
            tried.why_not = fmt::format("it took longer than {}", format_duration(settings_.cutover.max_blocked));
        }
    } catch (...) {
        tried.why_not.clear();
    }
    return tried;
}

}  // namespace pgwraith::online
