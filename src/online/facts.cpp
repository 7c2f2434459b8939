#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/online/recipes.h"

namespace pgwraith::online {

namespace {

constexpr const char* names_sql = R"sql(
SELECT 'relation', c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1
UNION ALL
SELECT 'constraint', k.conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
 WHERE n.nspname = $1)sql";

constexpr const char* referenced_sql = R"sql(
SELECT n.nspname, c.relname, coalesce((SELECT pg_catalog.json_agg(a.attname ORDER BY o.n)
          FROM pg_catalog.pg_index i, pg_catalog.unnest(i.indkey) WITH ORDINALITY AS o (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attnum = o.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND o.n <= i.indnkeyatts)::text, '[]')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass($1))sql";

std::string as_written(const QualifiedName& name) {
    return name.schema.empty() ? quote_identifier(name.name) : name.sql();
}

}  // namespace

Task<Facts> read_facts(postgres::Connection& connection, catalog::Table live, std::vector<plan::Part> parts) {
    Facts facts;
    const auto names = co_await connection.query(names_sql, postgres::params(live.name.schema));
    for (int row = 0; row < names.rows(); ++row) {
        (names.text(row, 0) == "relation" ? facts.relations : facts.constraints).insert(names.str(row, 1));
    }
    for (std::size_t at = 0; at < parts.size(); ++at) {
        if (!parts[at].references) continue;
        const auto found =
            co_await connection.query(referenced_sql, postgres::params(as_written(*parts[at].references)));
        if (found.empty()) {
            throw Error(
                ErrorKind::refused,
                fmt::format("sql, line {}: there is no table {}", parts[at].line, as_written(*parts[at].references)),
                "Nothing was changed. Check its name, and the search_path of the role.");
        }
        auto& referenced = facts.referenced[at];
        referenced.table = {found.str(0, 0), found.str(0, 1)};
        referenced.primary_key = nlohmann::json::parse(found.str(0, 2)).get<std::vector<std::string>>();
    }
    co_return facts;
}

}  // namespace pgwraith::online
