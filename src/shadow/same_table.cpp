#include "same_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "foreign_keys.h"
#include "parts.h"
#include "pgwraith/catalog/storage.h"

namespace pgwraith::shadow {

namespace {

using catalog::Constraint;
using catalog::Index;
using catalog::Table;
using postgres::Connection;

// int[][] is int[] to the server, which remembers how it was declared all the same; LIKE does not. Giving the type
// again sets its storage back. The server refuses where a generated column stands on the column: there it stays
// forgotten.
Task<void> restore_dimensions(Connection& connection, Table live, QualifiedName shadow) {
    for (const auto& column : live.columns) {
        if (column.dimensions == 0 || !column.type_sql.ends_with("[]")) continue;
        std::string type = column.type_sql;
        for (int more = 1; more < column.dimensions; ++more) type += "[]";
        if (!column.collation_sql.empty()) type += " COLLATE " + column.collation_sql;
        std::string sql = column_sql(shadow.sql(), column.name, "TYPE " + type);
        if (column.storage != column.default_storage) {
            sql += "; " + column_sql(shadow.sql(), column.name,
                                     fmt::format("SET STORAGE {}", catalog::storage_name(column.storage)));
        }
        co_await connection.script("SAVEPOINT pgwraith_dimensions");
        const auto failure = co_await postgres::try_script(connection, sql);
        if (failure) co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_dimensions");
    }
}

Task<void> create_part(Connection& connection, std::string what, std::string sql, std::string search_path) {
    auto failure = co_await postgres::try_script(connection, std::move(sql));
    if (!failure) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("{} cannot be made for the new table: {} (the search_path in force is {})", what,
                            failure->message(), search_path),
                failure->hint().empty() ? "Fix what it uses, or drop it." : failure->hint());
}

}  // namespace

// The empty table: columns and all that is said about them.
Task<void> create_table(Connection& connection, Table live, QualifiedName shadow) {
    // (No conditional operator within an awaiting expression: g++ 12 destroys its temporaries twice.)
    std::string clauses = " USING " + quote_identifier(live.access_method.empty() ? "heap" : live.access_method);
    if (!live.storage_parameters.empty()) clauses += " WITH (" + live.storage_parameters + ")";
    // Said in any case: the role may have a default of its own.
    std::string tablespace = live.tablespace;
    if (tablespace.empty()) {
        const auto name = co_await connection.query(
            "SELECT spcname FROM pg_tablespace s JOIN pg_database d ON d.dattablespace = s.oid WHERE datname = "
            "current_database()");
        tablespace = name.str(0, 0);
    }
    clauses += " TABLESPACE " + quote_identifier(tablespace);
    co_await connection.script(
        fmt::format("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING "
                    "COMPRESSION INCLUDING COMMENTS){}",
                    shadow.sql(), live.name.sql(), clauses));
    co_await restore_dimensions(connection, live, shadow);
    std::string sql;
    for (const auto& column : live.columns) {
        if (column.statistics_target) {
            sql += column_sql(shadow.sql(), column.name, fmt::format("SET STATISTICS {}; ", *column.statistics_target));
        }
        if (!column.options.empty())
            sql += column_sql(shadow.sql(), column.name, fmt::format("SET ({}); ", column.options));
    }
    for (const auto& sequence : live.sequences) {
        if (!sequence.identity) continue;
        const auto* column = live.column_at(sequence.column);
        ensure(column != nullptr, "an identity sequence has a column");
        sql += column_sql(shadow.sql(), column->name,
                          fmt::format("ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {}); ",
                                      column->identity == catalog::IdentityColumn::always ? "ALWAYS" : "BY DEFAULT",
                                      QualifiedName{shadow.schema, sequence.name.name}.sql(), sequence.options_sql()));
    }
    if (!live.of_type.empty()) sql += fmt::format("ALTER TABLE {} OF {}; ", shadow.sql(), live.of_type);
    if (live.comment) sql += fmt::format("COMMENT ON TABLE {} IS {}; ", shadow.sql(), quote_literal(*live.comment));
    const bool by_no_index =
        live.replica_identity == catalog::IdentityKind::full || live.replica_identity == catalog::IdentityKind::nothing;
    if (by_no_index) sql += fmt::format("ALTER TABLE {} REPLICA IDENTITY {}; ", shadow.sql(), live.identity().sql());
    if (!sql.empty()) co_await connection.script(sql);
}

Task<void> create_parts(Connection& connection, Table live, QualifiedName shadow, std::string search_path) {
    const auto referenced = co_await referenced_indexes(connection, live.oid);
    const auto is_referenced = [&](const Index& index) {
        return std::ranges::find(referenced, index.oid) != referenced.end();
    };
    std::stable_partition(live.indexes.begin(), live.indexes.end(), is_referenced);
    for (const auto& index : live.indexes) {
        if (!index.valid) continue;
        const Constraint* owner = nullptr;
        for (const auto& constraint : live.constraints) {
            if (constraint.index == index.oid && constraint.type != catalog::ConstraintType::foreign_key)
                owner = &constraint;
        }
        if (owner == nullptr || stands_on_plain_index(*owner, &index)) {
            co_await create_part(connection, "index " + quote_identifier(index.name), index_sql(index, shadow.sql()),
                                 search_path);
            if (owner != nullptr) co_await connection.script(constraint_on_index_sql(*owner, shadow.sql()));
        } else {
            co_await create_part(connection, "constraint " + quote_identifier(owner->name),
                                 tablespace_sql(index) + add_constraint_sql(*owner, shadow.sql()), search_path);
        }
        for (const auto& sql : index_settings(live, index, shadow)) co_await connection.script(sql);
    }
    for (const auto& constraint : live.constraints) {
        const bool made_valid = constraint.type == catalog::ConstraintType::not_null &&
                                !constraint.validated;  // by CREATE TABLE … (LIKE …)
        if (constraint.type != catalog::ConstraintType::check && !made_valid) continue;
        if (made_valid) co_await connection.script(drop_constraint_sql(constraint, shadow.sql()));
        for (const auto& sql : constraint_and_comment(constraint, shadow.sql())) {
            co_await create_part(connection, "constraint " + quote_identifier(constraint.name), sql, search_path);
        }
    }
}

}  // namespace pgwraith::shadow
