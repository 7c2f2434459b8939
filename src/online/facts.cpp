#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/online/recipes.h"
#include "pgwraith/shadow/moments.h"

namespace pgwraith::online {

namespace {

constexpr const char* names_sql = R"sql(
SELECT 'relation', c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1
UNION ALL
SELECT 'constraint', k.conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
 WHERE n.nspname = $1)sql";

constexpr const char* referenced_sql = R"sql(
SELECT n.nspname, c.relname, pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT pg_catalog.row_security_active(c.oid),
       pg_catalog.quote_ident(current_user::pg_catalog.text), coalesce((SELECT pg_catalog.json_agg(a.attname ORDER BY o.n)
          FROM pg_catalog.pg_index i, pg_catalog.unnest(i.indkey) WITH ORDINALITY AS o (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attnum = o.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND o.n <= i.indnkeyatts)::text, '[]')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass($1))sql";

constexpr const char* may_refer_sql = R"sql(
SELECT pg_catalog.bool_and(pg_catalog.has_column_privilege($1::pg_catalog.regclass, n, 'REFERENCES'))
  FROM pg_catalog.unnest($2::pg_catalog.text[]) AS n)sql";

std::string as_written(const QualifiedName& name) {
    return name.schema.empty() ? quote_identifier(name.name) : name.sql();
}

}  // namespace

namespace {

// As ALTER TABLE would ask it.
Task<void> require_right(postgres::Connection& connection, plan::Part part, Facts::Referenced referenced,
                         std::string role) {
    const auto& columns = part.referenced_columns.empty() ? referenced.primary_key : part.referenced_columns;
    const std::vector<std::string_view> names(columns.begin(), columns.end());
    const auto table = referenced.table.sql();
    const auto may = co_await connection.query(may_refer_sql, postgres::params(table, postgres::array_literal(names)));
    if (may.is_null(0, 0) || may.boolean(0, 0)) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("sql, line {}: {}: permission denied for table {}", part.line, part.summary, table),
                fmt::format("GRANT REFERENCES ON {} TO {}.", table, role));
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
        referenced.readable = found.boolean(0, 2);
        referenced.primary_key = nlohmann::json::parse(found.str(0, 4)).get<std::vector<std::string>>();
        // A column of the table itself may be one that the change adds.
        if (referenced.table == live.name || parts[at].kind == plan::PartKind::validate_constraint) continue;
        co_await require_right(connection, parts[at], referenced, found.str(0, 3));
    }
    co_return facts;
}

Task<std::vector<std::string>> keep_one_moment(postgres::Connection& connection, std::vector<plan::Part>& parts) {
    const auto moment = co_await shadow::read_moment(connection);
    std::vector<std::string> said;
    for (auto& part : parts) {
        if (part.kind != plan::PartKind::fill || !part.expression) continue;
        auto frozen = plan::freeze_moments(*part.expression, moment);
        if (frozen == *part.expression) continue;
        part.expression = std::move(frozen);
        said.push_back(
            fmt::format("column {}: the current time in its expression is that of the beginning in all rows, as in a "
                        "plain ALTER TABLE: {}",
                        part.columns.front(), *part.expression));
    }
    co_return said;
}

}  // namespace pgwraith::online
