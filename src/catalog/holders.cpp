#include "pgwraith/catalog/holders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <map>

#include "pgwraith/catalog/statement.h"

namespace pgwraith::catalog {

namespace {

// A role without pg_read_all_stats does not see what a worker runs, but that it is nobody's session (usesysid), what it
// locks, and how old the table is: an autovacuum that begins then is one to prevent wraparound. A prepared transaction
// has no process; its own lock tells which are its.
constexpr std::string_view holders_sql = R"sql(
WITH held AS (
  SELECT l.relation, l.virtualtransaction, l.pid, string_agg(DISTINCT l.mode, ', ') AS modes,
         bool_or(l.mode = 'ShareUpdateExclusiveLock') AS vacuums
    FROM pg_catalog.pg_locks l
   WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY ($1::oid[])
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND (l.mode = ANY ($2::text[]))
     AND (l.pid IS NULL OR (l.pid <> pg_backend_pid() AND l.pid <> ALL ($3::int[])))
   GROUP BY 1, 2, 3
), known AS (
  SELECT h.*, a.usename, a.application_name, a.state, a.xact_start, a.backend_type, a.query, c.oid AS table_oid,
         n.nspname, c.relname, a.pid IS NOT NULL AND CASE WHEN a.backend_type IS NOT NULL THEN a.backend_type = 'autovacuum worker'
             ELSE a.usesysid IS NULL AND h.vacuums END AS worker,
         CASE WHEN a.backend_type IS NOT NULL THEN a.query LIKE '%(to prevent wraparound)%'
              ELSE age(c.relfrozenxid) > least(current_setting('autovacuum_freeze_max_age')::int,
                     (SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                       WHERE option_name = 'autovacuum_freeze_max_age'))
                OR mxid_age(c.relminmxid) > least(current_setting('autovacuum_multixact_freeze_max_age')::int,
                     (SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                       WHERE option_name = 'autovacuum_multixact_freeze_max_age'))
         END AS old
    FROM held h
    JOIN pg_catalog.pg_class c ON c.oid = h.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
)
SELECT k.relation, format('%I.%I', k.nspname, k.relname), k.virtualtransaction,
       CASE WHEN k.pid IS NULL THEN coalesce(
              (SELECT format('prepared transaction %s (of %s, since %s)', p.gid, p.owner, date_trunc('second', p.prepared))
                 FROM pg_catalog.pg_prepared_xacts p
                 JOIN pg_catalog.pg_locks x ON x.locktype = 'transactionid' AND x.transactionid = p.transaction
                                           AND x.pid IS NULL
                WHERE x.virtualtransaction = k.virtualtransaction LIMIT 1), 'a prepared transaction')
            WHEN k.worker THEN format('an autovacuum%s (pid %s%s%s)', CASE WHEN k.old THEN ' to prevent wraparound' END, k.pid,
              (SELECT format(', %s of %s blocks', v.heap_blks_scanned, v.heap_blks_total)
                 FROM pg_catalog.pg_stat_progress_vacuum v WHERE v.pid = k.pid AND v.heap_blks_total IS NOT NULL LIMIT 1),
              ', ' || date_trunc('second', clock_timestamp() - k.xact_start) || ' in its transaction')
            ELSE format('pid %s (%s)', k.pid, concat_ws(', ', coalesce(k.usename, k.backend_type, 'a background process'),
              nullif(k.application_name, ''),
              CASE WHEN k.usename IS NOT NULL AND k.backend_type <> 'client backend' THEN k.backend_type END,
              nullif(k.state, ''),
              CASE WHEN k.query ~* '^\s*(VACUUM|ANALYZE|REINDEX|CREATE INDEX|ALTER|CLUSTER|COPY|REFRESH)\M'
                   THEN upper((regexp_match(k.query, '^\s*(\w+)'))[1]) END,
              date_trunc('second', clock_timestamp() - k.xact_start) || ' in its transaction')) END,
       k.modes, k.worker, k.worker AND k.old,
       (1000 * extract(epoch FROM coalesce(clock_timestamp() - k.xact_start,
           (SELECT clock_timestamp() - p.prepared FROM pg_catalog.pg_prepared_xacts p
              JOIN pg_catalog.pg_locks x ON x.locktype = 'transactionid' AND x.transactionid = p.transaction AND x.pid IS NULL
             WHERE k.pid IS NULL AND x.virtualtransaction = k.virtualtransaction LIMIT 1))))::bigint,
       k.pid, k.state, CASE WHEN NOT k.worker THEN k.query END
  FROM known k
 ORDER BY 2, k.xact_start, 3)sql";

constexpr std::string_view sessions_sql = R"sql(
SELECT CASE WHEN b.pid = 0 THEN 'a prepared transaction'
            ELSE format('pid %s (%s)', b.pid, concat_ws(', ', coalesce(a.usename, a.backend_type), nullif(a.application_name, ''),
                   nullif(a.state, ''), date_trunc('second', clock_timestamp() - a.xact_start) || ' in its transaction')) END,
       a.state, CASE WHEN a.usename IS NOT NULL THEN a.query END
  FROM unnest($1::int[]) AS b (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid)sql";

// What another role's session runs is hidden from most roles.
std::string with_statement(std::string who, const std::string& state, const std::string& sql) {
    if (sql.starts_with("<")) return who;
    const auto words = statement_in_words(sql, postgres::row_values_shown());
    if (words.empty()) return who;
    return fmt::format("{} {} \"{}\"", who, state == "active" ? "running" : "after", words);
}

constexpr const char* from_share_update_exclusive =
    "{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
constexpr const char* from_row_exclusive =
    "{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
constexpr const char* all_modes =
    "{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,"
    "ExclusiveLock,AccessExclusiveLock}";

const char* conflicting(LockStrength wanted) {
    if (wanted == LockStrength::access_exclusive) return all_modes;
    return wanted == LockStrength::share_row_exclusive ? from_row_exclusive : from_share_update_exclusive;
}

}  // namespace

Task<std::vector<LockHolder>> lock_holders(postgres::Connection& connection, std::vector<Oid> relations,
                                           LockStrength wanted, std::vector<int> ours) {
    auto parameters = postgres::params(fmt::format("{{{}}}", fmt::join(relations, ",")),
                                       std::string(conflicting(wanted)), fmt::format("{{{}}}", fmt::join(ours, ",")));
    const auto rows = co_await connection.query(std::string(holders_sql), std::move(parameters));
    std::vector<LockHolder> holders;
    for (int row = 0; row < rows.rows(); ++row) {
        LockHolder holder;
        holder.relation = rows.oid(row, 0);
        holder.relation_name = rows.str(row, 1);
        holder.transaction = rows.str(row, 2);
        holder.who = with_statement(rows.str(row, 3), rows.str(row, 9), rows.str(row, 10));
        holder.modes = rows.str(row, 4);
        holder.autovacuum = rows.boolean(row, 5);
        holder.prevents_wraparound = !rows.is_null(row, 6) && rows.boolean(row, 6);
        if (!rows.is_null(row, 7)) holder.age = milliseconds{rows.int64(row, 7)};
        if (!rows.is_null(row, 8)) holder.pid = static_cast<int>(rows.int64(row, 8));
        holders.push_back(std::move(holder));
    }
    co_return holders;
}

LockStrength strength_of(const std::string& mode) {
    if (mode == "ACCESS EXCLUSIVE") return LockStrength::access_exclusive;
    return mode == "SHARE UPDATE EXCLUSIVE" ? LockStrength::share_update_exclusive : LockStrength::share_row_exclusive;
}

Task<std::string> describe_sessions(postgres::Connection& connection, std::string pids) {
    const auto rows = co_await connection.query(std::string(sessions_sql), postgres::params(std::move(pids)));
    std::vector<std::string> who;
    for (int row = 0; row < rows.rows(); ++row) {
        who.push_back(with_statement(rows.str(row, 0), rows.str(row, 1), rows.str(row, 2)));
    }
    co_return fmt::format("{}", fmt::join(who, ", "));
}

std::string describe(const std::vector<LockHolder>& holders) {
    constexpr std::size_t most = 5;  // of one relation
    std::map<std::string, std::vector<std::string>> by_relation;
    for (const auto& holder : holders) by_relation[holder.relation_name].push_back(holder.who);
    std::vector<std::string> parts;
    for (auto& [relation, who] : by_relation) {
        const auto more = who.size() > most ? fmt::format(" and {} more", who.size() - most) : "";
        if (who.size() > most) who.resize(most);
        parts.push_back(fmt::format("{} is held by {}{}", relation, fmt::join(who, ", "), more));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

namespace {

// The table, those that a foreign key joins with it, and the views on it.
Task<std::vector<Oid>> near_relations(postgres::Connection& connection, Oid table) {
    const auto rows = co_await connection.query(
        "WITH near (oid) AS (SELECT $1::oid "
        "  UNION SELECT unnest(ARRAY[conrelid, confrelid]) FROM pg_catalog.pg_constraint "
        "         WHERE contype = 'f' AND $1::oid IN (conrelid, confrelid) "
        "  UNION SELECT w.ev_class FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid "
        "         WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass "
        "           AND d.refobjid = $1::oid) "
        "SELECT oid FROM near",
        postgres::params(std::to_string(table)));
    std::vector<Oid> relations;
    for (int row = 0; row < rows.rows(); ++row) relations.push_back(rows.oid(row, 0));
    co_return relations;
}

}  // namespace

Task<std::vector<LockHolder>> holders_against_readers(postgres::Connection& connection, Oid table) {
    const auto relations = co_await near_relations(connection, table);
    const std::vector<int> nobody;
    auto holders = co_await lock_holders(connection, relations, LockStrength::access_exclusive, nobody);
    std::erase_if(holders, [](const LockHolder& holder) {
        return holder.modes.find("AccessExclusiveLock") == std::string::npos;
    });
    co_return holders;
}

Task<std::string> who_keeps_readers_out(postgres::Connection& connection, Oid table) {
    co_return describe(co_await holders_against_readers(connection, table));
}

Task<std::string> who_held(postgres::Connection& connection, Oid relation, LockStrength wanted) {
    const std::vector<Oid> relations{relation};
    const std::vector<int> nobody;
    auto who = describe(co_await lock_holders(connection, relations, wanted, nobody));
    if (who.empty()) who = "the session that held it has ended meanwhile";
    co_return who;
}

Task<void> script_naming_holders(postgres::Connection& connection, std::string sql, Oid relation, LockStrength wanted) {
    const auto begun = std::chrono::steady_clock::now();
    std::optional<postgres::PgError> refused;
    try {
        co_await connection.script(std::move(sql));
    } catch (const postgres::PgError& error) {
        refused = error;
    }
    if (!refused) co_return;
    const auto waited = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    co_await postgres::rollback_quietly(connection);
    if (!refused->is(postgres::sqlstate::lock_not_available)) throw postgres::PgError(*refused);
    const auto who = co_await who_held(connection, relation, wanted);
    throw postgres::PgError(std::string(postgres::sqlstate::lock_not_available),
                            fmt::format("a lock was not granted within {}: {}", format_duration(waited), who));
}

Task<milliseconds> deadlock_timeout(postgres::Connection& connection) {
    const auto row = co_await connection.query(
        "SELECT (1000 * extract(epoch FROM current_setting('deadlock_timeout')::interval))::bigint");
    co_return milliseconds{row.int64(0, 0)};
}

Task<milliseconds> time_to_yield(postgres::Connection& connection) {
    constexpr milliseconds to_end_it{1'000};
    const auto timeout = co_await deadlock_timeout(connection);
    co_return timeout + to_end_it;
}

}  // namespace pgwraith::catalog
