#include "pgwraith/capture/slot.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/base/names.h"

namespace pgwraith::capture {

namespace {

// Returns when every transaction that runs now has ended and is visible, or rolled back.
Task<void> outlast_running(postgres::Connection& connection) {
    // Its own id is above theirs; a snapshot's xmax need not be.
    auto id = co_await connection.query("SELECT pg_current_xact_id()::text");
    const Xid newest = id.uint64(0, 0);
    for (;;) {
        auto now = co_await postgres::current_snapshot(connection);
        if (now.xmin > newest) break;
        co_await sleep_for(milliseconds{20});
    }
}

// A new slot's decoding does not see catalog changes that committed while it gathered the running transactions. The
// catalog snapshot that it makes then is kept for all transactions that begin before the next catalog change; a table
// may be unknown to it ("could not map filenode"). So there is such a change, and the slot starts behind everything
// that began before it.
// Source: SnapBuildProcessChange() and SnapBuildCommitTxn() in PostgreSQL's snapbuild.c; case `slot_table_appears`.
Task<Lsn> move_past_running(postgres::Connection& connection, std::string name, std::string publication) {
    if (!broken_on_purpose("slot_snapshot")) {
        co_await connection.script(fmt::format("ALTER PUBLICATION {} SET (publish_via_partition_root = false)",
                                               quote_identifier(publication)));
    }
    if (!broken_on_purpose("slot_moved")) co_await outlast_running(connection);
    // A slot goes no further than what is flushed; this commit flushes what those transactions wrote.
    co_await connection.query("SELECT pg_logical_emit_message(true, 'pgwraith', '')");
    auto moved = co_await connection.query(
        "SELECT end_lsn::text FROM pg_replication_slot_advance($1, pg_current_wal_flush_lsn())",
        postgres::params(name));
    fault_point("slot.moved");
    co_return Lsn::parse(moved.text(0, 0)).value();
}

// Says who keeps the slot from its consistent point: transactions older than the wait.
Task<void> report_waiting(const postgres::Sessions& sessions, std::string name) {
    auto connection = co_await sessions.open("slot watch");
    for (;;) {
        co_await sleep_for(milliseconds{3'000});
        auto result = co_await connection->query(
            "SELECT coalesce(string_agg(w.who, ', '), '') FROM ("
            "SELECT format('pid %s (%s, %s, since %s)', a.pid, a.usename, a.state, date_trunc('second', a.xact_start)) "
            "FROM pg_stat_activity a "
            "WHERE a.backend_xid IS NOT NULL AND a.xact_start < now() - interval '2 s' AND a.pid <> pg_backend_pid() "
            "UNION ALL SELECT format('prepared transaction %s of database %s (since %s)', p.gid, p.database, "
            "date_trunc('second', p.prepared)) FROM pg_prepared_xacts p) AS w (who)");
        auto who = result.str(0, 0);
        spdlog::info("the slot {} waits for transactions that were running when it was created{}{}", name,
                     who.empty() ? "" : ": ", who);
    }
}

}  // namespace

Task<Oid> create_publication(postgres::Connection& connection, std::string name, catalog::Table table,
                             catalog::Key key) {
    std::string columns;
    for (const auto& column : key.columns) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
    }
    auto list = key.full_rows_in_stream ? std::string{} : " (" + columns + ")";
    // From 18 on the server refuses the application's UPDATE and DELETE when the rows that identify are not published
    // whole, and generated columns are left out if nothing is said.
    std::string generated;
    if (key.full_rows_in_stream && connection.server_version() >= 180000) {
        generated = ", publish_generated_columns = 'stored'";
    }
    co_await connection.script(
        fmt::format("CREATE PUBLICATION {} FOR TABLE ONLY {}{} WITH (publish = 'insert, update, delete, truncate'{})",
                    quote_identifier(name), table.name.sql(), list, generated));
    auto result =
        co_await connection.query("SELECT oid FROM pg_publication WHERE pubname = $1", postgres::params(name));
    co_return result.oid(0, 0);
}

Task<Lsn> create_slot(const postgres::Sessions& sessions, std::string name, std::string publication) {
    auto walsender = co_await sessions.open_replication();
    TaskGroup watch(co_await asio::this_coro::executor);
    watch.spawn(report_waiting(sessions, name));
    std::exception_ptr failure;
    Lsn start;
    try {
        co_await walsender->script(
            fmt::format("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'nothing')", quote_identifier(name)));
        fault_point("slot.made");
        auto connection = co_await sessions.open("prepare");
        start = co_await move_past_running(*connection, name, publication);
        // A commit record reaches the WAL before its transaction becomes visible.
        if (!broken_on_purpose("slot_visible")) co_await outlast_running(*connection);
    } catch (...) {
        failure = std::current_exception();
    }
    watch.cancel();
    try {
        co_await watch.join();
    } catch (const Error& error) {
        if (!failure) spdlog::debug("slot watch: {}", error.message());
    }
    if (failure) std::rethrow_exception(failure);
    co_return start;
}

Task<std::optional<SlotState>> read_slot(postgres::Connection& connection, std::string name) {
    auto result = co_await connection.query(
        "SELECT coalesce(confirmed_flush_lsn, '0/0')::text, coalesce(wal_status, ''), active, coalesce(active_pid, 0) "
        "FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()",
        postgres::params(name));
    if (result.empty()) co_return std::nullopt;
    SlotState state;
    state.confirmed_flush = Lsn::parse(result.text(0, 0)).value();
    state.wal_status = result.str(0, 1);
    state.active = result.boolean(0, 2);
    state.active_pid = static_cast<int>(result.int64(0, 3));
    co_return state;
}

Task<bool> drop_slot(postgres::Connection& connection, std::string name) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        auto state = co_await read_slot(connection, name);
        if (!state) co_return attempt > 0;
        std::optional<postgres::PgError> failure;
        try {
            // A walsender whose client is gone may take a while to notice.
            if (state->active)
                co_await connection.query("SELECT pg_terminate_backend($1::int)",
                                          postgres::params(std::to_string(state->active_pid)));
            co_await connection.query("SELECT pg_drop_replication_slot($1)", postgres::params(name));
            co_return true;
        } catch (const postgres::PgError& error) {
            if (!error.is(postgres::sqlstate::object_in_use) && !error.is(postgres::sqlstate::undefined_object)) throw;
        }
        co_await sleep_for(milliseconds{50});
    }
    throw Error(ErrorKind::stopped, fmt::format("the replication slot {} stays in use by another session", name),
                fmt::format("End that walsender (SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{}') "
                            "and run the same command again.",
                            name));
}

}  // namespace pgwraith::capture
