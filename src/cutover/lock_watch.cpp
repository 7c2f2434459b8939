#include <fmt/format.h>

#include "pgwraith/cutover/locks.h"

namespace pgwraith::cutover {

namespace {

constexpr milliseconds look_every{50};
constexpr milliseconds look_at_most{100};

// The lock that the session waits for, since when, whether it holds a lock that stops readers, and whether the holder
// waits for the session, directly or not.
constexpr const char* wait_sql = R"sql(
WITH RECURSIVE ahead (pid) AS (
  SELECT unnest(pg_blocking_pids($1::int))
   UNION
  SELECT b.pid FROM ahead, unnest(pg_blocking_pids(ahead.pid)) AS b (pid) WHERE ahead.pid NOT IN (0, $1::int)
)
SELECT l.relation, format('%I.%I', n.nspname, c.relname), l.waitstart::text,
       EXISTS (SELECT FROM pg_locks h WHERE h.pid = $1::int AND h.granted AND h.locktype = 'relation'
                                        AND h.mode = 'AccessExclusiveLock'),
       EXISTS (SELECT FROM ahead WHERE pid = $1::int)
  FROM pg_locks l
  JOIN pg_class c ON c.oid = l.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = $1::int AND NOT l.granted AND l.locktype = 'relation')sql";

}  // namespace

Task<void> LockWatch::watch(postgres::Connection& watcher, int waiting_pid) {
    stopping_ = false;
    for (bool go_on = true; go_on && !stopping_;) {
        co_await sleep_for(look_every);
        looking_ = true;
        std::exception_ptr failure;
        try {
            go_on = co_await look(watcher, waiting_pid);
        } catch (...) {
            failure = std::current_exception();
        }
        looking_ = false;
        looked_.notify_all();
        if (failure) std::rethrow_exception(failure);
    }
}

Task<void> LockWatch::stop() {
    stopping_ = true;
    if (looking_) co_await looked_.wait_for(look_at_most);
}

// False: our statement was cancelled for good.
Task<bool> LockWatch::look(postgres::Connection& watcher, int waiting_pid) {
    const auto pid = std::to_string(waiting_pid);
    const auto wait = co_await watcher.query(wait_sql, postgres::params(pid));
    if (wait.empty()) co_return true;
    const auto relation = wait.str(0, 1);
    const auto this_wait = relation + wait.str(0, 2);
    if (this_wait != named_) {
        const std::vector<Oid> oid{wait.oid(0, 0)};
        const std::vector<int> ours{waiting_pid};
        const auto holders = co_await catalog::lock_holders(watcher, oid, wanted_, ours);
        if (!holders.empty()) seen_[relation] = catalog::describe(holders);
        named_ = this_wait;
        waits_for_ = relation;
        since_ = Clock::now() - look_every;
    }
    const bool strong = wait.boolean(0, 3);
    const bool ring = wait.boolean(0, 4);
    if (ring && this_wait == in_ring_) {
        cancelled_ = "its holder waits for a lock of ours";
        if (!seen_[relation].empty()) cancelled_ = seen_[relation] + ", and waits for a lock of ours";
        co_await watcher.query("SELECT pg_cancel_backend($1::int)", postgres::params(pid));
        if (!strong) co_return false;
    }
    in_ring_ = ring ? this_wait : "";
    co_return true;
}

namespace {

Task<void> script_then_stop(postgres::Connection& session, std::string sql, LockWatch& watch, TaskGroup& group,
                            std::vector<postgres::Result>& results) {
    std::exception_ptr failure;
    try {
        results = co_await session.scripts(std::move(sql));
    } catch (...) {
        failure = std::current_exception();
    }
    co_await watch.stop();
    if (failure) std::rethrow_exception(failure);
    group.cancel();
}

}  // namespace

Task<std::vector<postgres::Result>> script_watched(postgres::Connection& session, std::string sql,
                                                   postgres::Connection& watcher, LockWatch& watch) {
    std::vector<postgres::Result> results;
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(script_then_stop(session, std::move(sql), watch, group, results));
    if (watcher.is_open()) group.spawn(watch.watch(watcher, session.backend_pid()));
    co_await group.join();
    co_return results;
}

Task<void> LockWatch::look_at(postgres::Connection& watcher, std::string relation, int ours) {
    try {
        const auto found = co_await watcher.query("SELECT $1::regclass::oid", postgres::params(relation));
        const std::vector<Oid> oids{found.oid(0, 0)};
        const std::vector<int> except{ours};
        const auto holders = co_await catalog::lock_holders(watcher, oids, wanted_, except);
        if (!holders.empty()) seen_[relation] = catalog::describe(holders);
    } catch (const postgres::PgError& error) {
        spdlog::debug("who holds {} is not known: {}", relation, error.message());
    }
}

std::string LockWatch::last_wait() const {
    if (waits_for_.empty()) return {};
    const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - since_);
    const auto who = holders_of(waits_for_);
    return fmt::format("the lock on {} was not granted within {}{}{}", waits_for_, format_duration(waited),
                       who.empty() ? "" : ": ", who);
}

std::string LockWatch::holders_of(const std::string& relation) const {
    const auto found = seen_.find(relation);
    if (found != seen_.end()) return found->second;
    std::string others;
    for (const auto& [other, holders] : seen_) others += (others.empty() ? "" : "; ") + holders;
    return others;
}

}  // namespace pgwraith::cutover
