#include "ending.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "after_commit.h"
#include "done.h"
#include "dumpers.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/cutover/cutover.h"

namespace pgwraith::migration {

namespace {

// The new table is in use, but not complete.
Error unfinished(const QualifiedName& table, const std::vector<std::string>& waiting) {
    return Error(
        ErrorKind::stopped,
        fmt::format("{} has its new shape, but this could not be done after the swap, because of locks that others "
                    "hold:\n  - {}",
                    table.sql(), fmt::join(waiting, "\n  - ")),
        "Keys bind new rows already. The same command tries again (cutover.validate_timeout says for how long); "
        "or run these statements yourself and `pgwraith abort`, which takes nothing of the swap back.");
}

// The functions in its schema that take or return its rows: the swap has put them there.
Task<std::string> drop_row_functions(postgres::Connection& connection, QualifiedName old) {
    const auto functions = co_await connection.query(
        "SELECT DISTINCT format('DROP ROUTINE %I.%I(%s); ', n.nspname, f.proname, "
        "                       pg_get_function_identity_arguments(f.oid)) "
        "  FROM pg_class c JOIN pg_type y ON y.oid = c.reltype "
        "  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass "
        "                  AND d.refobjid IN (y.oid, y.typarray) "
        "  JOIN pg_proc f ON f.oid = d.objid AND f.pronamespace = c.relnamespace "
        "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)",
        postgres::params(old.sql()));
    std::string sql;
    for (int row = 0; row < functions.rows(); ++row) sql += functions.str(row, 0);
    co_return sql;
}

// What hangs on it may be a session's own: a temporary view or table.
Task<void> drop_old_table(postgres::Connection& connection, QualifiedName old) {
    std::string sql = co_await drop_row_functions(connection, old);
    sql += fmt::format("DROP TABLE IF EXISTS {}; DROP SCHEMA IF EXISTS {}", old.sql(), quote_identifier(old.schema));
    std::optional<postgres::PgError> failure;
    try {
        co_await connection.script(sql);
    } catch (const postgres::PgError& error) {
        if (!error.is(postgres::sqlstate::dependent_objects_still_exist) &&
            !error.is(postgres::sqlstate::lock_not_available))
            throw;
        failure = error;
    }
    if (!failure) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("the table has its new shape, but the old one, {}, cannot be dropped: {}{}", old.sql(),
                            failure->message(), failure->detail().empty() ? "" : " (" + failure->detail() + ")"),
                "Temporary views and tables go when their sessions end. The same command tries "
                "again; or drop it yourself and `pgwraith abort`, which takes nothing of the swap back.");
}

// After the swap: what the migration made besides the new table goes, the old table as configured. Returns what could
// not be done because of others' locks; then the rest is left for the next time.
Task<std::vector<std::string>> clear_up(const postgres::Sessions& sessions, Board& board,
                                        std::unique_ptr<store::Store>& store, Identity identity,
                                        std::unique_ptr<postgres::Connection> session) {
    auto connection = std::move(session);
    if (!connection || !connection->is_open()) connection = co_await sessions.open_for_rows("finish");
    const auto old = identity.old_table();
    auto statements = co_await State(store->journal()).after_commit();
    const auto blueprint = co_await State(store->journal()).blueprint();
    for (const auto& check : blueprint.untouched_checks) {
        if (!check.set_aside) continue;
        spdlog::warn(
            "CHECK {0} of {1} is NOT VALID on the new table, because rows do not meet it any more; when they do: "
            "ALTER TABLE {1} VALIDATE CONSTRAINT {0}",
            quote_identifier(check.name), identity.table.sql());
    }
    // First of all the slot: what follows may have to wait for others, and the slot keeps WAL.
    auto made = co_await objects_of(*connection, *store, identity);
    co_await drop_objects(*connection, made, board.settings.cutover.lock_timeout);
    board.progress.slot = false;
    board.progress.borrowed_identity.clear();
    co_await board.hooks.all_told();  // a process that is killed meanwhile tells it again
    const auto left = co_await run_after_commit(*connection, board, *store, statements);
    board.progress.undone = left.failed;
    if (!left.waiting.empty()) co_return left.waiting;
    if (board.settings.old_table == config::OldTable::drop) {
        co_await drop_old_table(*connection, old);
    } else {
        board.progress.old_table = old.sql();
        auto now = co_await catalog::find_relation(*connection, identity.table);
        if (now) co_await let_dump(*connection, *now, old, false);
    }
    fault_point("finish.dropped");
    co_await leave_done(*connection, board.settings.state_dir, identity);
    fault_point("finish.recorded");
    co_await store::Store::destroy(store);
    fault_point("finish.destroyed");
    board.progress.phase = Phase::done;
    co_return left.waiting;
}

}  // namespace

// An operator who reads that something failed must not think that the swap can be undone.
Task<void> finish(const postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                  Identity identity, std::unique_ptr<postgres::Connection> session) {
    std::optional<postgres::PgError> refused;
    std::optional<Error> failed;
    std::vector<std::string> waiting;
    try {
        waiting = co_await clear_up(sessions, board, store, identity, std::move(session));
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        refused = error;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::stopped) throw;
        failed = error;
    }
    if (!waiting.empty()) throw unfinished(identity.table, waiting);
    if (!refused && !failed) co_return;
    std::string why;
    std::string remedy;
    if (refused) {
        auto connection = co_await sessions.open("event triggers");
        const auto triggers = co_await catalog::read_event_triggers(*connection);
        why = catalog::message_with_origin(triggers, *refused);
        remedy = catalog::remedy_for(triggers, *refused, "Remove what forbids it.");
    } else {
        why = failed->message();
        remedy = failed->hint();
    }
    Error done(ErrorKind::stopped,
               fmt::format("the swap is done, {} has its new shape, but clearing up after it failed: {}",
                           identity.table.sql(), why),
               remedy + " Then run the same command again, which only clears up. Nothing of the swap can be undone.");
    throw done;
}

// An abort may come while COMMIT is under way: then it comes too late.
Task<bool> swap_happened(const postgres::Sessions& sessions, store::Store& store) {
    const State state(store.journal());
    auto xid = co_await state.cutover_xid();
    auto identity = co_await state.identity();
    if (!xid || !identity) co_return false;
    const auto old = identity->old_table();
    auto outcome = co_await cutover::find_outcome(sessions, *xid, identity->table_oid, identity->table, old.schema);
    co_return outcome == cutover::Outcome::committed;
}

Task<void> note_abort(store::Store& store) {
    try {
        const State state(store.journal());
        const auto identity = co_await state.identity();
        if (identity) co_await state.set_taken_back();
    } catch (const store::StoreUnavailable& error) {
        spdlog::debug("{}", error.message());
    }
}

Task<std::vector<std::string>> drop_everything(postgres::Sessions& sessions, std::unique_ptr<store::Store>& store,
                                               milliseconds lock_timeout) {
    std::vector<std::string> kept;
    auto identity = co_await State(store->journal()).identity();
    if (identity) {
        sessions.begin_anew();
        auto connection = co_await sessions.open("abort");
        auto made = co_await objects_of(*connection, *store, *identity);
        for (const auto& line : made.describe()) spdlog::info("dropping {}", line);
        const bool borrowed = made.identity_is_borrowed;
        const auto dropped = co_await drop_objects(*connection, made, lock_timeout);
        if (borrowed && !dropped.identity_is_borrowed)
            kept.push_back("the replica identity, which somebody has changed");
    }
    co_await store::Store::destroy(store);
    co_return kept;
}

}  // namespace pgwraith::migration
