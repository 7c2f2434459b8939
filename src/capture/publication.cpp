#include "pgwraith/capture/publication.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/faults.h"
#include "pgwraith/base/names.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::capture {

namespace {

constexpr milliseconds to_join{5'000};
constexpr milliseconds to_leave{1'000};
constexpr milliseconds look_at_writers{2};
// A session that is not done by then does not build the table's descriptor in this moment: that is all that matters.
constexpr milliseconds writers_end{5'000};

// The lock on the table, behind an autovacuum: `longer` than it takes the server to look for who must yield.
Task<void> with_table(postgres::Connection& connection, std::string sql, Oid table, milliseconds longer) {
    const auto wait = co_await catalog::deadlock_timeout(connection) + longer;
    co_await catalog::script_naming_holders(
        connection, fmt::format("BEGIN; SET LOCAL lock_timeout = '{}ms'; {}; COMMIT", wait.count(), sql), table,
        catalog::LockStrength::share_update_exclusive);
}

// By a lock that a VACUUM does not take.
Task<bool> nobody_may_write(postgres::Connection& connection, Oid table) {
    const std::vector<Oid> relations{table};
    const std::vector<int> ours{connection.backend_pid()};
    const auto holders =
        co_await catalog::lock_holders(connection, relations, catalog::LockStrength::share_update_exclusive, ours);
    co_return std::ranges::any_of(
        holders, [](const catalog::LockHolder& holder) { return holder.modes != "ShareUpdateExclusiveLock"; });
}

// False: the table is held against all who write it. Then nobody can be caught by a drop, and the holder may take its
// time.
Task<bool> leave_publication(postgres::Connection& connection, std::string name, std::string member, Oid table) {
    std::optional<postgres::PgError> refused;
    try {
        auto sql = fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}", quote_identifier(name), member);
        co_await with_table(connection, std::move(sql), table, to_leave);
    } catch (const postgres::PgError& error) {
        if (!error.is(postgres::sqlstate::lock_not_available)) throw;
        refused = error;
    }
    if (!refused) co_return true;
    const bool held = co_await nobody_may_write(connection, table);
    if (!held) throw postgres::PgError(*refused);
    co_return false;
}

Task<std::string> writers(postgres::Connection& connection, Oid table) {
    const auto found = co_await connection.query(
        "SELECT coalesce(array_agg(virtualtransaction), '{}')::text FROM pg_locks WHERE locktype = 'relation' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relation = $1::oid "
        "AND mode = 'RowExclusiveLock' AND granted AND pid IS NOT NULL",
        postgres::params(std::to_string(table)));
    co_return found.str(0, 0);
}

// Returns when the transactions that write the table now have ended.
Task<void> outlast_writers(postgres::Connection& connection, Oid table) {
    const auto first = co_await writers(connection, table);
    for (const auto give_up = Clock::now() + writers_end; Clock::now() < give_up;) {
        const auto now = co_await writers(connection, table);
        const auto same = co_await connection.query("SELECT $1::text[] && $2::text[]", postgres::params(first, now));
        if (!same.boolean(0, 0)) break;
        co_await sleep_for(look_at_writers);
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
    if (key.full_rows_in_stream && connection.server_version() >= postgres::since::published_generated_columns) {
        generated = ", publish_generated_columns = 'stored'";
    }
    auto sql =
        fmt::format("CREATE PUBLICATION {} FOR TABLE ONLY {}{} WITH (publish = 'insert, update, delete, truncate'{})",
                    quote_identifier(name), table.name.sql(), list, generated);
    co_await with_table(connection, std::move(sql), table.oid, to_join);
    auto result =
        co_await connection.query("SELECT oid FROM pg_publication WHERE pubname = $1", postgres::params(name));
    co_return result.oid(0, 0);
}

Task<void> silence_publication(postgres::Connection& connection, std::string name) {
    co_await connection.script(fmt::format("ALTER PUBLICATION {} SET (publish = '')", quote_identifier(name)));
}

// A backend that builds its descriptor of a table reads which publications have it, and then looks each of them up; one
// that was dropped in between makes its UPDATE fail ("cache lookup failed for publication"). DROP PUBLICATION takes
// both away at once. So the table leaves first. A session that may have read the list before holds ROW EXCLUSIVE on the
// table; who gets this lock later reads the list anew. Source: RelationBuildPublicationDesc() and
// CheckCmdReplicaIdentity(); case `publication_dropped_unnoticed`.
Task<void> drop_publication(postgres::Connection& connection, std::string name, Oid table, std::string retired) {
    const auto members = co_await connection.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = "
        "p.oid JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE p.pubname = $1 AND c.oid = $2::oid AND n.nspname <> $3",
        postgres::params(name, std::to_string(table), retired));
    bool has_left = true;
    if (!members.empty() && !broken_on_purpose("publication_leaves")) {
        has_left = co_await leave_publication(connection, name, members.str(0, 0), table);
        fault_point("drop.publication_left");
    }
    // Also if an earlier process died right after the table had left. Not behind a holder: sessions that queue there
    // would write at the moment of the drop.
    if (has_left) co_await outlast_writers(connection, table);
    co_await connection.script("DROP PUBLICATION IF EXISTS " + quote_identifier(name));
}

}  // namespace pgwraith::capture
