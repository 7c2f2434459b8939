#include "blockers.h"

#include <fmt/format.h>

namespace pgwraith::migration {

namespace {

constexpr const char* blockers_sql = R"sql(
SELECT l.pid, l.virtualtransaction,
       format('pid %s (%s)', l.pid, concat_ws(', ', a.usename, nullif(a.application_name, ''), nullif(a.state, ''),
              date_trunc('second', clock_timestamp() - a.xact_start) || ' in its transaction')),
       CASE WHEN r.rolsuper THEN 'a superuser''s'
            WHEN s.pid IS NOT NULL THEN 'one that replicates'
            WHEN a.application_name LIKE 'pgwraith % (pid %' THEN 'one of pgwraith'
            WHEN coalesce(a.backend_type, 'client backend') <> 'client backend' THEN 'no client''s' END
  FROM pg_locks l
  JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_roles r ON r.oid = a.usesysid
  LEFT JOIN pg_stat_replication s ON s.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.relation IN (SELECT to_regclass(name)::oid FROM unnest($1::text[]) AS name)
   AND a.usesysid IS NOT NULL
 GROUP BY 1, 2, 3, 4)sql";

// Still the same transaction.
constexpr const char* end_sql = R"sql(
SELECT pg_terminate_backend(pid)
  FROM (SELECT DISTINCT pid FROM pg_locks WHERE pid = $1::int AND virtualtransaction = $2 AND granted) AS same)sql";

}  // namespace

Task<void> Blockers::look(std::vector<QualifiedName> tables) {
    const auto after = board_.settings.cutover.terminate_blockers_after;
    if (!after) {
        since_.clear();
        co_return;
    }
    auto connection = co_await sessions_.open("blockers");
    std::vector<std::string> names;
    for (const auto& table : tables) names.push_back(table.sql());
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto rows = co_await connection->query(blockers_sql, postgres::params(postgres::array_literal(views)));
    const auto now = Clock::now();
    std::map<std::string, Clock::time_point> present;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto transaction = rows.str(row, 1);
        const auto known = since_.find(transaction);
        present[transaction] = known == since_.end() ? now : known->second;
        const auto stood = std::chrono::duration_cast<milliseconds>(now - present[transaction]);
        if (stood < *after) continue;
        if (!rows.is_null(row, 3)) {
            spdlog::warn("{} is not ended though it stands in the way: it is {} session", rows.text(row, 2),
                         rows.text(row, 3));
            continue;
        }
        co_await end_session(*connection, static_cast<int>(rows.int64(row, 0)), transaction, rows.str(row, 2), stood);
    }
    since_ = std::move(present);
}

Task<void> Blockers::end_session(postgres::Connection& connection, int pid, std::string transaction, std::string who,
                                 milliseconds stood) {
    try {
        const auto ended =
            co_await connection.query(end_sql, postgres::params(std::to_string(pid), std::move(transaction)));
        if (ended.empty() || !ended.boolean(0, 0)) co_return;
        ++board_.progress.blockers_terminated;
        spdlog::warn("cutover.terminate_blockers: the session of {} was ended; it has stood in the swap's way for {}",
                     who, format_duration(stood));
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::warn("cutover.terminate_blockers: {} cannot be ended: {} (GRANT pg_signal_backend TO …)", who,
                     error.message());
    }
}

}  // namespace pgwraith::migration
