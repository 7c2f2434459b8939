#include "show_locks.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace pgwraith::cutover {

namespace {

// What readers and writers take, the server's own relations and indexes, which are locked with their tables, do not
// count.
constexpr const char* held_sql = R"sql(
SELECT c.oid, format('%I.%I', n.nspname, c.relname),
       (array_agg(l.mode ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock',
                                                       'ShareLock', 'ShareUpdateExclusiveLock'], l.mode)))[1]
  FROM pg_locks l
  JOIN pg_class c ON c.oid = l.relation AND c.relkind NOT IN ('i', 'I', 't')
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
   AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
 GROUP BY 1, 2
 ORDER BY 2)sql";

}  // namespace

bool locks_are_shown() {
    static const bool shown = std::getenv("PGWRAITH_SHOW_LOCKS") != nullptr;
    return shown;
}

Task<std::map<Oid, std::string>> planned_relations(postgres::Connection& connection, carry::SwapPlan plan) {
    std::map<Oid, std::string> relations;
    for (const auto& lock : plan.locks) {
        const auto row = co_await connection.query("SELECT $1::regclass::oid, format('%I.%I', $2::text, $3::text)",
                                                   postgres::params(lock.name.sql(), lock.name.schema, lock.name.name));
        relations.emplace(row.oid(0, 0), row.str(0, 1));
    }
    co_return relations;
}

Task<std::string> locks_held(postgres::Connection& connection, std::map<Oid, std::string> planned) {
    nlohmann::json line = {{"planned", nlohmann::json::array()}, {"held", nlohmann::json::object()}};
    for (const auto& relation : planned) line["planned"].push_back(relation.second);
    const auto rows = co_await connection.query(held_sql);
    for (int row = 0; row < rows.rows(); ++row) {
        const auto known = planned.find(rows.oid(row, 0));
        line["held"][known == planned.end() ? rows.str(row, 1) : known->second] = rows.str(row, 2);
    }
    co_return line.dump();
}

}  // namespace pgwraith::cutover
