#include "user_sql.h"

#include <fmt/format.h>

#include "pgwraith/shadow/stand_in.h"

namespace pgwraith::shadow {

namespace {

using catalog::Table;
using postgres::Connection;

}  // namespace

// IF EXISTS would pass over what is not the table's, which the plain statement drops.
Task<void> require_own_indexes(Connection& connection, Table live, std::string schema, plan::Statement statement) {
    for (const auto& name : statement.dropped_indexes) {
        const auto other = co_await connection.query(
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 "
            "AND n.nspname = $2 AND NOT EXISTS (SELECT FROM pg_class x JOIN pg_namespace s ON s.oid = x.relnamespace "
            "                                    WHERE x.relname = $1 AND s.nspname = $3)",
            postgres::params(name, live.name.schema, schema));
        if (other.empty()) continue;
        throw Error(
            ErrorKind::refused,
            fmt::format("sql, line {}: DROP INDEX {}: that is no index of {}", statement.line, name, live.name.sql()),
            "Run it by hand, before or after the migration.");
    }
}

Task<NamesOfParts> read_names(Connection& connection, QualifiedName table) {
    auto parts = co_await read_parts(connection, table);
    co_return NamesOfParts{std::move(parts.indexes), std::move(parts.constraints)};
}

Task<void> try_sequence_statement(Connection& connection, Table live, std::string schema, plan::Statement statement) {
    std::vector<SequenceAtSwap> changes;
    co_await run_sequence_statement(connection, live, schema, statement, changes);
}

Task<void> run_user_sql(Connection& connection, Table live, plan::UserSql sql, CreateOptions options,
                        std::string search_path, Actors& actors) {
    const QualifiedName shadow{options.schema, live.name.name};
    const auto before = co_await read_parts(connection, shadow);
    actors.indexes.begin(before.indexes);
    actors.constraints.begin(before.constraints);
    for (const auto& statement : sql.statements) {
        if (statement.sequence) {
            co_await run_sequence_statement(connection, live, options.schema, statement, actors.sequences);
            continue;
        }
        co_await require_own_indexes(connection, live, options.schema, statement);
        const auto failure = co_await postgres::try_script(connection, statement.shadow_sql);
        if (!failure) {
            const auto now = co_await read_parts(connection, shadow);
            actors.indexes.follow(now.indexes);
            actors.constraints.follow(now.constraints);
            continue;
        }
        auto why = catalog::message_with_origin(options.event_triggers, *failure);
        if (failure->sqlstate().starts_with("42") || failure->is(postgres::sqlstate::invalid_schema_name)) {
            why += fmt::format(" (the search_path in force is {})", search_path);
        }
        const auto remedy = failure->hint().empty() ? "Statement: " + statement.text : failure->hint();
        throw Error(ErrorKind::refused, fmt::format("sql, line {}: the server refuses it: {}", statement.line, why),
                    catalog::remedy_for(options.event_triggers, *failure, remedy));
    }
}

}  // namespace pgwraith::shadow
