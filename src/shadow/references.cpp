// The tables that new foreign keys in the user's statements refer to: an ALTER TABLE would lock them, so empty tables
// of their names, with their columns and unique indexes, play them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "foreign_keys.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/server_text.h"

namespace pgwraith::shadow {

namespace {

using catalog::Persistence;
using catalog::RelationKind;
using postgres::Connection;

// Every column, because a key may name any of them, and every index that the server would take for a key.
constexpr std::string_view table_sql = R"sql(
SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.oid < 16384,
       (SELECT string_agg(format('%I %s%s', a.attname,
                                 CASE WHEN has_type_privilege(a.atttypid, 'USAGE')
                                      THEN format_type(a.atttypid, a.atttypmod) ELSE 'pg_catalog.text' END,
                                 CASE WHEN has_type_privilege(a.atttypid, 'USAGE')
                                      THEN ' COLLATE ' || (SELECT format('%I.%I', m.nspname, o.collname) FROM pg_collation o
                                                             JOIN pg_namespace m ON m.oid = o.collnamespace
                                                            WHERE o.oid = a.attcollation) END), ', ' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       (SELECT coalesce(json_agg(json_build_array(pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid))
                                 ORDER BY i.indexrelid), '[]')
          FROM pg_index i
          LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
         WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = $table)sql";

std::string as_written(const QualifiedName& table) {
    return table.schema.empty() ? table.name : table.schema + "." + table.name;
}

[[noreturn]] void refuse(const plan::Reference& reference, const std::string& why) {
    throw Error(ErrorKind::refused, fmt::format("sql, line {}: the server refuses it: {}", reference.line, why),
                "Check the name after REFERENCES.");
}

Task<Oid> find(Connection& connection, plan::Reference reference) {
    const auto& table = reference.table;
    std::string name = quote_identifier(table.name);
    if (!table.schema.empty()) name = table.sql();
    std::string failure;
    Oid oid = 0;
    try {
        const auto found = co_await connection.query(
            "SELECT coalesce(to_regclass($1)::oid, 0), $2 <> '' AND to_regnamespace($3) IS NULL",
            postgres::params(name, table.schema, quote_identifier(table.schema)));
        oid = found.oid(0, 0);
        if (found.boolean(0, 1)) failure = fmt::format("schema \"{}\" does not exist", table.schema);
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient) throw;
        failure = error.message();
    }
    if (failure.empty() && oid == 0) failure = fmt::format("relation \"{}\" does not exist", as_written(table));
    if (!failure.empty()) refuse(reference, failure);
    co_return oid;
}

// What the server says of a relation that no key of a permanent table may refer to.
void require_table(const plan::Reference& reference, RelationKind kind, Persistence persistence, bool system) {
    if (kind != RelationKind::table && kind != RelationKind::partitioned_table) {
        refuse(reference, fmt::format("referenced relation \"{}\" is not a table", reference.table.name));
    }
    if (system) {
        refuse(reference, fmt::format("permission denied: \"{}\" is a system catalog", reference.table.name));
    }
    if (persistence != Persistence::permanent)
        refuse(reference, "constraints on permanent tables may reference only permanent tables");
}

std::string create_sql(const QualifiedName& table, const std::string& columns, const nlohmann::json& indexes) {
    std::string sql =
        fmt::format("CREATE SCHEMA {}; CREATE TABLE {} ({});", quote_identifier(table.schema), table.sql(), columns);
    for (const auto& index : indexes) {
        if (index.at(0).is_null()) {
            sql += plan::on_table(index.at(1).get<std::string>(), table.sql()) + ";";
        } else {
            sql += fmt::format("ALTER TABLE {} ADD {};", table.sql(), index.at(0).get<std::string>());
        }
    }
    return sql;
}

}  // namespace

Task<std::vector<StandIn>> stand_in_references(Connection& connection, plan::UserSql sql) {
    std::vector<StandIn> stand_ins;
    for (const auto& reference : sql.references) {
        const Oid oid = co_await find(connection, reference);
        const postgres::Result row = co_await catalog::query_qualified(connection, catalog::for_table(table_sql, oid));
        const auto kind = static_cast<RelationKind>(catalog::catalog_char(row.text(0, 2)));
        const auto persistence = static_cast<Persistence>(catalog::catalog_char(row.text(0, 3)));
        require_table(reference, kind, persistence, row.boolean(0, 4));
        const QualifiedName table{reference.stand_in, row.str(0, 1)};
        const auto made = create_sql(table, row.str(0, 5), nlohmann::json::parse(row.str(0, 6)));
        const auto failure = co_await postgres::try_script(connection, made);
        if (failure) refuse(reference, failure->message());
        stand_ins.push_back({table, {row.str(0, 0), row.str(0, 1)}, {}});
    }
    co_return stand_ins;
}

}  // namespace pgwraith::shadow
