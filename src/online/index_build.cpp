#include "pgwraith/online/index_build.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"

namespace pgwraith::online {

namespace {

constexpr milliseconds look_every{200};

// The phase, whom it waits for, and whether whoever it waits for waits for it.
constexpr const char* watch_sql = R"sql(
WITH RECURSIVE ahead (pid) AS (
  SELECT unnest(pg_blocking_pids($1::int))
   UNION
  SELECT b.pid FROM ahead, unnest(pg_blocking_pids(ahead.pid)) AS b (pid) WHERE ahead.pid NOT IN (0, $1::int)
)
SELECT (SELECT p.phase FROM pg_stat_progress_create_index p WHERE p.pid = $1::int LIMIT 1),
       (SELECT CASE WHEN p.blocks_total > 0 THEN 100.0 * p.blocks_done / p.blocks_total END
          FROM pg_stat_progress_create_index p WHERE p.pid = $1::int LIMIT 1)::int,
       nullif(pg_blocking_pids($1::int), '{}')::text,
       EXISTS (SELECT FROM ahead WHERE pid = $1::int))sql";

constexpr const char* found_sql = R"sql(
SELECT i.indrelid IS NOT DISTINCT FROM $1::oid, coalesce(i.indisvalid AND i.indisready AND i.indislive, false)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
 WHERE n.nspname = $2 AND c.relname = $3)sql";

}  // namespace

Task<IndexBuild::Found> IndexBuild::look(postgres::Connection& connection, Oid table, QualifiedName index) {
    const auto row =
        co_await connection.query(found_sql, postgres::params(std::to_string(table), index.schema, index.name));
    if (row.empty()) co_return Found::none;
    if (!row.boolean(0, 0)) {
        throw Error(ErrorKind::stopped,
                    fmt::format("{} is the name of something that is no index of the table", index.sql()),
                    "Rename or drop it, then run the same command again; or `pgwraith abort`.");
    }
    co_return row.boolean(0, 1) ? Found::valid : Found::invalid;
}

Task<void> IndexBuild::open_sessions() {
    if (!watcher_ || !watcher_->is_open()) watcher_ = co_await sessions_.open("index watch");
    if (session_ && session_->is_open()) co_return;
    session_ = co_await sessions_.open_for_rows("index");
    // It waits for locks that keep no reader or writer waiting, and for transactions, in one statement: without a
    // limit, because each try costs a scan; the watch knows when nobody would ever end the wait.
    co_await session_->script(
        fmt::format("SET lock_timeout = 0; SET client_connection_check_interval = '1s'; SET maintenance_work_mem = "
                    "'{}kB'",
                    settings_.build.maintenance_work_mem / 1024));
}

Task<void> IndexBuild::script_then_cancel(std::string sql, TaskGroup& group) {
    co_await session_->script(std::move(sql));
    group.cancel();
}

// Says whom it waits for. A transaction that it waits for may itself want a lock on the table: the server would end
// that one, so ours gives way, before anybody looks for deadlocks.
Task<void> IndexBuild::watch() {
    const auto pid = std::to_string(session_->backend_pid());
    bool in_ring = false;
    for (;;) {
        co_await sleep_for(look_every);
        const auto now = co_await watcher_->query(watch_sql, postgres::params(pid));
        std::string what = now.str(0, 0);
        if (!now.is_null(0, 1)) what += fmt::format(", {}%", now.text(0, 1));
        std::string who;
        if (!now.is_null(0, 2)) who = co_await catalog::describe_sessions(*watcher_, now.str(0, 2));
        if (!who.empty()) what += fmt::format("{}waiting for {}", what.empty() ? "" : ": ", who);
        say_({what, who.empty() ? Waits::no : Waits::others});
        const bool ring = now.boolean(0, 3);
        if (ring && in_ring) {
            cancelled_ = who + " waits for a lock of ours";
            co_await watcher_->query("SELECT pg_cancel_backend($1::int)", postgres::params(pid));
            co_return;
        }
        in_ring = ring;
    }
}

// Why it did not come to its end, when it may the next time.
Task<WhyNot> IndexBuild::run(std::string statement) {
    cancelled_.clear();
    std::optional<postgres::PgError> failure;
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(script_then_cancel(std::move(statement), group));
    group.spawn(watch());
    try {
        co_await group.join();
    } catch (const postgres::PgError& error) {
        failure = error;
    }
    if (!failure) co_return "";
    if (failure->connection_lost() || failure->state_class() != postgres::SqlStateClass::transient) {
        throw postgres::PgError(*failure);
    }
    co_return cancelled_.empty() ? failure->message() : cancelled_;
}

Task<WhyNot> IndexBuild::drop_found(QualifiedName index) {
    auto why = co_await run("DROP INDEX CONCURRENTLY IF EXISTS " + index.sql());
    fault_point("index.dropped");
    co_return why;
}

Task<WhyNot> IndexBuild::create(IndexWork work) {
    co_await open_sessions();
    auto found = co_await look(*watcher_, work.table, work.index);
    if (found == Found::valid) co_return "";
    WhyNot why;
    if (found == Found::invalid) {
        spdlog::info("index {} was left invalid by an earlier try: it is dropped and built again", work.index.sql());
        why = co_await drop_found(work.index);
    }
    if (!why.empty()) co_return why;
    co_await session_->script(
        fmt::format("SET max_parallel_maintenance_workers = {}", gate_.helpers(settings_.build.parallel_workers)));
    std::exception_ptr refused;
    try {
        why = co_await run(work.statement);
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        refused = std::current_exception();
    }
    fault_point("index.built");
    if (why.empty() && !refused) co_return why;
    // What is left of it would be kept up to date by every writer, for nothing.
    co_await open_sessions();
    found = co_await look(*watcher_, work.table, work.index);
    WhyNot kept;
    if (found == Found::invalid) kept = co_await drop_found(work.index);
    if (!kept.empty()) spdlog::warn("the invalid index {} cannot be dropped yet: {}", work.index.sql(), kept);
    if (refused) std::rethrow_exception(refused);
    co_return why;
}

Task<WhyNot> IndexBuild::drop(IndexWork work) {
    co_await open_sessions();
    const auto found = co_await look(*watcher_, work.table, work.index);
    if (found == Found::none) co_return "";
    co_return co_await drop_found(work.index);
}

}  // namespace pgwraith::online
