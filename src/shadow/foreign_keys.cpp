#include "foreign_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/server_text.h"

namespace pgwraith::shadow {

namespace {

using postgres::Connection;

// As the server writes it in a definition: quoted only where it must be.
constexpr std::string_view keys_sql = R"sql(
  SELECT k.oid, k.conname, k.conrelid, k.confrelid, cn.nspname, c.relname, pn.nspname, p.relname,
         format('%I.%I', pn.nspname, p.relname), pg_get_constraintdef(k.oid), k.convalidated,
         obj_description(k.oid, 'pg_constraint'),
         (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), collation_sql), ', '
                            ORDER BY a.attnum) FROM columns a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)),
         (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), collation_sql), ', '
                            ORDER BY a.attnum) FROM columns a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)),
         (SELECT json_agg(a.attname ORDER BY o.n) FROM unnest(k.conkey) WITH ORDINALITY AS o (attnum, n)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.attnum),
         (SELECT json_agg(a.attname ORDER BY o.n) FROM unnest(k.confkey) WITH ORDINALITY AS o (attnum, n)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.attnum),
         coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false),
         (SELECT x.relname FROM pg_class x WHERE x.oid = k.conindid)
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
   WHERE k.contype = 'f' AND k.conparentid = 0 AND $table IN (k.conrelid, k.confrelid)
   ORDER BY k.oid)sql";

constexpr std::string_view columns_cte = R"sql(WITH columns AS (
  SELECT a.*, coalesce(' COLLATE ' || (SELECT format('%I.%I', n.nspname, o.collname) FROM pg_collation o
                                         JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation), '')
              AS collation_sql
    FROM pg_attribute a
   WHERE a.attrelid IN (SELECT unnest(ARRAY[k.conrelid, k.confrelid]) FROM pg_constraint k
                         WHERE k.contype = 'f' AND $table IN (k.conrelid, k.confrelid))
))sql";

struct Row {
    Oid oid = 0;
    std::string name;
    Oid child_oid = 0;
    Oid parent_oid = 0;
    QualifiedName child;
    QualifiedName parent;
    std::string parent_text;
    std::string definition;
    bool validated = true;
    std::optional<std::string> comment;
    std::string child_columns;  // name and type, for CREATE TABLE
    std::string parent_columns;
    std::vector<std::string> child_names;
    std::vector<std::string> parent_names;
    std::string index;    // that it stands on
    bool period = false;  // of a range of time, from PostgreSQL 18 on: what it refers to is UNIQUE … WITHOUT OVERLAPS
};

Task<std::vector<Row>> read_keys(Connection& connection, Oid table) {
    std::string sql = catalog::for_table(std::string(columns_cte) + std::string(keys_sql), table);
    const postgres::Result found = co_await catalog::query_qualified(connection, sql);
    std::vector<Row> rows;
    for (int i = 0; i < found.rows(); ++i) {
        Row row;
        row.oid = found.oid(i, 0);
        row.name = found.str(i, 1);
        row.child_oid = found.oid(i, 2);
        row.parent_oid = found.oid(i, 3);
        row.child = {found.str(i, 4), found.str(i, 5)};
        row.parent = {found.str(i, 6), found.str(i, 7)};
        row.parent_text = found.str(i, 8);
        row.definition = found.str(i, 9);
        row.validated = found.boolean(i, 10);
        if (!found.is_null(i, 11)) row.comment = found.str(i, 11);
        row.child_columns = found.str(i, 12);
        row.parent_columns = found.str(i, 13);
        row.child_names = nlohmann::json::parse(found.str(i, 14)).get<std::vector<std::string>>();
        row.parent_names = nlohmann::json::parse(found.str(i, 15)).get<std::vector<std::string>>();
        row.period = found.boolean(i, 16);
        row.index = found.str(i, 17);
        rows.push_back(std::move(row));
    }
    co_return rows;
}

// The same key to another table.
std::string retarget_key(const Row& row, const QualifiedName& parent) {
    std::string definition = row.definition;
    const std::string before = " REFERENCES " + row.parent_text + "(";
    const auto at = plan::find_unquoted(definition, before);
    ensure(at != std::string::npos, "a foreign key's definition names the other table");
    return definition.replace(at, before.size(), " REFERENCES " + parent.sql() + "(");
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    for (const auto& name : names) quoted.push_back(quote_identifier(name));
    return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string drop_key(const QualifiedName& table, const std::string& name) {
    return fmt::format("ALTER TABLE {} DROP CONSTRAINT {};", table.sql(), quote_identifier(name));
}

// As ALTER TABLE would ask it of the table itself.
Task<void> require_references_right(Connection& connection, ForeignKey key) {
    const std::vector<std::string_view> columns(key.parent_columns.begin(), key.parent_columns.end());
    const auto may = co_await connection.query(
        "SELECT bool_and(has_column_privilege($1, n, 'REFERENCES')), quote_ident(current_user) "
        "FROM unnest($2::text[]) AS n",
        postgres::params(key.parent.sql(), postgres::array_literal(columns)));
    if (may.boolean(0, 0)) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("sql: foreign key {}: permission denied for table {}", key.name, key.parent.name),
                fmt::format("GRANT REFERENCES ON {} TO {}.", key.parent.sql(), may.text(0, 1)));
}

}  // namespace

RealNames real_names(const std::vector<StandIn>& stand_ins) {
    RealNames names;
    for (const auto& stand_in : stand_ins) {
        if (!stand_in.table.name.empty()) names.emplace_back(stand_in.table.schema, stand_in.other.schema);
    }
    return names;
}

Task<std::vector<Oid>> referenced_indexes(Connection& connection, Oid live) {
    const auto rows = co_await connection.query(
        "SELECT DISTINCT conindid FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::oid",
        postgres::params(std::to_string(live)));
    std::vector<Oid> indexes;
    for (int row = 0; row < rows.rows(); ++row) indexes.push_back(rows.oid(row, 0));
    co_return indexes;
}

Task<std::vector<StandIn>> stand_in_foreign_keys(Connection& connection, catalog::Table live, QualifiedName shadow) {
    std::vector<StandIn> stand_ins;
    for (const Row& row : co_await read_keys(connection, live.oid)) {
        const bool to_itself = row.child_oid == row.parent_oid;
        const QualifiedName& other = row.child_oid == live.oid ? row.parent : row.child;
        QualifiedName table{fmt::format("{}_fk{}", shadow.schema, stand_ins.size() + 1), other.name};
        StandIn made{table, other, row.name};
        std::string sql;
        if (!to_itself) sql = fmt::format("CREATE SCHEMA {};", quote_identifier(table.schema));
        QualifiedName child = shadow;
        QualifiedName parent = table;
        if (to_itself) {
            made = StandIn{{}, live.name, row.name};
            parent = shadow;
        } else if (row.child_oid == live.oid) {
            sql += fmt::format("CREATE TABLE {} ({}, UNIQUE ({}{}));", table.sql(), row.parent_columns,
                               quoted_list(row.parent_names), row.period ? " WITHOUT OVERLAPS" : "");
        } else {
            child = table;
            parent = shadow;
            sql += fmt::format("CREATE TABLE {} ({});", table.sql(), row.child_columns);
        }
        sql += fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", child.sql(), quote_identifier(row.name),
                           retarget_key(row, parent));
        if (row.comment) {
            sql += fmt::format("; COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(row.name), child.sql(),
                               quote_literal(*row.comment));
        }
        auto failure = co_await postgres::try_script(connection, sql);
        if (failure) {
            throw Error(ErrorKind::refused,
                        fmt::format("foreign key {} on {} cannot be made anew: {}", row.name, row.child.sql(),
                                    with_real_names(failure->message(), real_names({made}))),
                        "Drop it before the migration and create it again afterwards.");
        }
        stand_ins.push_back(std::move(made));
    }
    co_return stand_ins;
}

Task<std::vector<ForeignKey>> take_foreign_keys(Connection& connection, QualifiedName live, QualifiedName shadow,
                                                std::vector<StandIn> stand_ins) {
    const auto oid = co_await catalog::find_relation(connection, shadow);
    ensure(oid.has_value(), "the shadow exists");
    auto real = [&](const QualifiedName& name) {
        if (name == shadow) return live;
        for (const auto& stand_in : stand_ins) {
            if (stand_in.table == name) return stand_in.other;
        }
        return name;
    };
    std::vector<ForeignKey> keys;
    std::string off;
    for (const Row& row : co_await read_keys(connection, *oid)) {
        ForeignKey key;
        key.name = row.name;
        key.child = real(row.child);
        key.parent = real(row.parent);
        key.definition = retarget_key(row, key.parent);
        constexpr std::string_view not_valid = " NOT VALID";
        if (key.definition.ends_with(not_valid)) key.definition.resize(key.definition.size() - not_valid.size());
        key.validated = row.validated;
        key.enforced = !key.definition.ends_with(" NOT ENFORCED");
        key.comment = row.comment;
        key.child_columns = row.child_names;
        key.parent_columns = row.parent_names;
        key.parent_index = row.index;
        bool known = row.child != shadow;
        for (const auto& stand_in : stand_ins) {
            if (stand_in.table == row.parent && !stand_in.constraint.empty()) known = true;
            if (stand_in.table.name.empty() && row.parent == shadow && stand_in.constraint == row.name) known = true;
        }
        key.added = !known;
        if (key.added && key.parent != live) co_await require_references_right(connection, key);
        off += drop_key(row.child, row.name);
        keys.push_back(std::move(key));
    }
    for (const auto& stand_in : stand_ins) {
        if (stand_in.table.name.empty()) continue;
        off += fmt::format("DROP TABLE {}; DROP SCHEMA {};", stand_in.table.sql(),
                           quote_identifier(stand_in.table.schema));
    }
    if (!off.empty()) co_await connection.script(off);
    co_return keys;
}

}  // namespace pgwraith::shadow
