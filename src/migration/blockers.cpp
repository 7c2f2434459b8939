#include "blockers.h"

#include <fmt/format.h>

namespace pgwraith::migration {

namespace {

// Why a session is never ended; NULL: it may be.
constexpr const char* spared_sql = R"sql(
SELECT CASE WHEN r.rolsuper THEN 'a superuser''s'
            WHEN s.pid IS NOT NULL THEN 'one that replicates'
            WHEN a.application_name LIKE 'pgwraith % (pid %' THEN 'one of pgwraith'
            WHEN coalesce(a.backend_type, 'client backend') <> 'client backend' OR a.usesysid IS NULL
                 THEN 'no client''s' END
  FROM pg_stat_activity a
  LEFT JOIN pg_roles r ON r.oid = a.usesysid
  LEFT JOIN pg_stat_replication s ON s.pid = a.pid
 WHERE a.pid = $1::int)sql";

// Still the same transaction.
constexpr const char* end_sql = R"sql(
SELECT pg_terminate_backend(pid)
  FROM (SELECT DISTINCT pid FROM pg_locks WHERE pid = $1::int AND virtualtransaction = $2 AND granted) AS same)sql";

Task<std::vector<Oid>> oid_of(postgres::Connection& connection, QualifiedName name) {
    const auto row = co_await connection.query("SELECT to_regclass($1)::oid", postgres::params(name.sql()));
    std::vector<Oid> oids;
    if (!row.is_null(0, 0)) oids.push_back(row.oid(0, 0));
    co_return oids;
}

}  // namespace

bool Blockers::wanted() {
    const bool is = board_.settings.cutover.terminate_blockers_after && !board_.rehearses();
    if (!is) since_.clear();
    return is;
}

Task<void> Blockers::look(std::vector<online::TableLock> locks, std::string what) {
    if (!wanted()) co_return;
    auto connection = co_await sessions_.open("blockers");
    std::vector<catalog::LockHolder> holders;
    const std::vector<int> nobody;
    for (const auto& lock : locks) {
        const auto oids = co_await oid_of(*connection, lock.table);
        auto found = co_await catalog::lock_holders(*connection, oids, catalog::strength_of(lock.mode), nobody);
        std::ranges::move(found, std::back_inserter(holders));
    }
    co_await judge(*connection, std::move(holders), std::move(what));
}

Task<void> Blockers::look_near(Oid table, std::string what) {
    if (!wanted()) co_return;
    auto connection = co_await sessions_.open("blockers");
    auto holders = co_await catalog::holders_against_readers(*connection, table);
    co_await judge(*connection, std::move(holders), std::move(what));
}

Task<void> Blockers::judge(postgres::Connection& connection, std::vector<catalog::LockHolder> holders,
                           std::string what) {
    const auto after = board_.settings.cutover.terminate_blockers_after;
    const auto now = Clock::now();
    std::map<std::string, catalog::LockHolder> present;
    for (auto& holder : holders) {
        if (holder.pid != 0) present.try_emplace(holder.transaction, std::move(holder));
    }
    std::erase_if(since_, [&](const auto& known) { return !present.contains(known.first); });
    for (const auto& [transaction, holder] : present) {
        const auto since = since_.try_emplace(transaction, now).first->second;
        const auto stood = std::chrono::duration_cast<milliseconds>(now - since);
        if (!after || stood < *after) continue;
        const auto row = co_await connection.query(spared_sql, postgres::params(std::to_string(holder.pid)));
        if (row.empty()) continue;
        if (row.is_null(0, 0)) {
            co_await end_session(connection, holder, stood, what);
        } else if (spared_.insert(transaction).second) {
            spdlog::warn("{} is not ended though it stands in the way: it is {} session", holder.who, row.text(0, 0));
        }
    }
}

Task<void> Blockers::end_session(postgres::Connection& connection, catalog::LockHolder holder, milliseconds stood,
                                 std::string what) {
    try {
        const auto ended =
            co_await connection.query(end_sql, postgres::params(std::to_string(holder.pid), holder.transaction));
        if (ended.empty() || !ended.boolean(0, 0)) co_return;
        ++board_.progress.blockers_terminated;
        spdlog::warn("cutover.terminate_blockers: the session of {} was ended; it has stood in the way of {} for {}",
                     holder.who, what, format_duration(stood));
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::warn("cutover.terminate_blockers: {} cannot be ended: {} (GRANT pg_signal_backend TO …)", holder.who,
                     error.message());
    }
}

}  // namespace pgwraith::migration
