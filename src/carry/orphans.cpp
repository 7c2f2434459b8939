#include "pgwraith/carry/orphans.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

namespace pgwraith::carry {

namespace {

constexpr int named = 5;

// Keys of ranges of time (18 on) are left to the server: their rows may have several partners together.
constexpr const char* unvalidated_sql = R"sql(
SELECT cn.nspname, c.relname, pn.nspname, p.relname, k.confmatchtype = 'f',
       (SELECT json_agg(a.attname ORDER BY o.n) FROM unnest(k.conkey) WITH ORDINALITY AS o (attnum, n)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.attnum),
       (SELECT json_agg(a.attname ORDER BY o.n) FROM unnest(k.confkey) WITH ORDINALITY AS o (attnum, n)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.attnum)
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE k.contype = 'f' AND NOT k.convalidated AND k.conname = $1
   AND NOT coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false))sql";

std::vector<std::string> names(const postgres::Result& rows, int row, int column) {
    return nlohmann::json::parse(rows.str(row, column)).get<std::vector<std::string>>();
}

}  // namespace

std::string validate_sql(const QualifiedName& child, const std::string& constraint) {
    return fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", child.sql(), quote_identifier(constraint));
}

std::string orphans_sql(const KeyColumns& key) {
    std::vector<std::string> values;
    std::vector<std::string> present;
    std::vector<std::string> same;
    for (std::size_t i = 0; i < key.child_columns.size(); ++i) {
        const auto child = quote_identifier(key.child_columns[i]);
        values.push_back(fmt::format("coalesce(c.{}::text, 'NULL')", child));
        present.push_back(fmt::format("c.{} IS NOT NULL", child));
        same.push_back(fmt::format("p.{} = c.{}", quote_identifier(key.parent_columns[i]), child));
    }
    const auto child_rows = key.child_rows.empty() ? "ONLY " + key.child.sql() : key.child_rows;
    const auto parent_rows = key.parent_rows.empty() ? key.parent.sql() : key.parent_rows;
    return fmt::format(
        "SELECT o.k, sum(o.n) OVER () FROM (SELECT concat_ws(', ', {}) AS k, count(*) AS n FROM {} c "
        "WHERE ({}) AND "
        "NOT EXISTS (SELECT FROM {} p WHERE {}) GROUP BY 1) AS o ORDER BY o.n DESC, o.k LIMIT {}",
        fmt::join(values, ", "), child_rows, fmt::join(present, key.match_full ? " OR " : " AND "), parent_rows,
        fmt::join(same, " AND "), named + 1);
}

Task<std::string> find_orphans(postgres::Connection& connection, KeyColumns key) {
    std::string sql = orphans_sql(key);
    const postgres::Result orphans = co_await connection.script(std::move(sql));
    if (orphans.empty()) co_return std::string();
    std::string some;
    for (int row = 0; row < std::min(orphans.rows(), named); ++row) {
        some += fmt::format("{}({})", row > 0 ? ", " : "", orphans.text(row, 0));
    }
    if (orphans.rows() > named) some += " …";
    const bool one = orphans.text(0, 1) == "1";
    co_return fmt::format("{} {} of {} {} no row in {}: {} = {}", orphans.text(0, 1), one ? "row" : "rows",
                          key.child.sql(), one ? "has" : "have", key.parent.sql(), fmt::join(key.child_columns, ", "),
                          some);
}

Task<std::string> find_orphans_of(postgres::Connection& connection, std::string statement, std::string constraint) {
    std::string found;
    const postgres::Result rows = co_await connection.query(unvalidated_sql, postgres::params(constraint));
    for (int row = 0; row < rows.rows() && found.empty(); ++row) {
        KeyColumns key;
        key.child = {rows.str(row, 0), rows.str(row, 1)};
        if (validate_sql(key.child, constraint) != statement) continue;
        key.parent = {rows.str(row, 2), rows.str(row, 3)};
        key.match_full = rows.boolean(row, 4);
        key.child_columns = names(rows, row, 5);
        key.parent_columns = names(rows, row, 6);
        found = co_await find_orphans(connection, key);
    }
    co_return found;
}

}  // namespace pgwraith::carry
