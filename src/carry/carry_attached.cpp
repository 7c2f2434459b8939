#include <fmt/format.h>

#include <set>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/shadow/attachments.h"

namespace pgwraith::carry {

std::optional<std::string> new_column_name(const shadow::Pair& pair, const std::string& old_name) {
    for (const auto& column : pair.mapping.columns) {
        if (column.old_name == old_name) return column.name;
    }
    return std::nullopt;
}

// Extended statistics do not go along with their table's schema.
Carried statistics_statements(const CarryContext& context, const catalog::Table& shadow) {
    Carried carried;
    auto rename = [&](const QualifiedName& from, const std::string& to) {
        if (from.name == to) return;
        carried.after_move.push_back(fmt::format("ALTER STATISTICS {} RENAME TO {}", from.sql(), quote_identifier(to)));
    };
    auto move = [&](const QualifiedName& from, const std::string& schema) {
        if (from.schema == schema) return;
        carried.after_move.push_back(
            fmt::format("ALTER STATISTICS {} SET SCHEMA {}", from.sql(), quote_identifier(schema)));
    };
    std::set<std::string> carried_over;
    for (const auto& old : context.live.statistics) {
        const std::string stand_in = shadow::stand_in_name(context.live, old);
        rename(old.name, stand_in);
        move(QualifiedName{old.name.schema, stand_in}, context.old_schema);
        for (const auto& made : shadow.statistics) {
            if (made.name.name != stand_in) continue;
            carried_over.insert(stand_in);
            move(made.name, old.name.schema);
            rename(QualifiedName{old.name.schema, stand_in}, old.name.name);
        }
    }
    for (const auto& added : shadow.statistics) {
        if (!carried_over.contains(added.name.name)) move(added.name, context.live.name.schema);
    }
    return carried;
}

Task<Carried> carry_statistics(postgres::Connection& connection, CarryContext context) {
    const catalog::Table shadow = co_await catalog::read_table(connection, context.pair.shadow_oid);
    co_return statistics_statements(context, shadow);
}

// Said in either direction: an event trigger may have switched it on for a new table.
std::vector<std::string> row_security_sql(const catalog::Table& live, const std::string& target) {
    return {
        fmt::format("ALTER TABLE {} {} ROW LEVEL SECURITY", target, live.row_security ? "ENABLE" : "DISABLE"),
        fmt::format("ALTER TABLE {} {} ROW LEVEL SECURITY", target, live.force_row_security ? "FORCE" : "NO FORCE")};
}

Task<Carried> carry_attached(postgres::Connection& connection, CarryContext context) {
    const std::string target = context.live.name.sql();
    Carried carried = co_await leave_publications(connection, context);
    // What is altered in the type from now on is none of the old table's affair. The new one is of the type already.
    if (!context.live.of_type.empty()) {
        carried.before_move.push_back(fmt::format("ALTER TABLE {} NOT OF", target));
    }
    const auto attached = co_await read_attached(connection, context, target);
    for (const auto& one : attached) {
        carried.after_move.insert(carried.after_move.end(), one.sql.begin(), one.sql.end());
    }
    for (auto& statement : row_security_sql(context.live, target)) carried.after_move.push_back(std::move(statement));
    co_return carried;
}

Task<Carried> carry_privileges(postgres::Connection& connection, CarryContext context) {
    const catalog::Table shadow = co_await catalog::read_table(connection, context.pair.shadow_oid);
    std::string sql = co_await shadow::privileges_sql(connection, context.live, shadow, context.pair.mapping);
    while (sql.ends_with(' ') || sql.ends_with(';')) sql.pop_back();
    Carried carried;
    if (!sql.empty()) carried.before_move.push_back(std::move(sql));
    co_return carried;
}

// The last of all: triggers and keys were made with them.
Carried carry_denied_privileges(const CarryContext& context) {
    Carried carried;
    for (const auto& privilege : shadow::denied_to_owner(context.live)) {
        carried.after_move.push_back(fmt::format("REVOKE {} ON TABLE {} FROM {}", privilege, context.live.name.sql(),
                                                 quote_identifier(context.live.owner)));
    }
    return carried;
}

}  // namespace pgwraith::carry
