#include "pgwraith/catalog/qualified.h"

#include <fmt/format.h>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/settings.h"

namespace pgwraith::catalog {

// The settings are local to the transaction. Outside of one, the statements of one simple query form a
// transaction of their own, so everything reverts by itself and the last statement does nothing. Inside the
// caller's transaction that one restores; after an error there is nothing to restore, because the
// rollback does.
Task<postgres::Result> query_qualified(postgres::Connection& connection, std::string sql) {
    auto forms = postgres::fixed_forms();
    forms["search_path"] = "";
    std::string fix;
    std::string restore;
    for (const auto& [name, value] : forms) {
        const auto own = quote_literal(name);
        const auto saved = quote_literal("pgwraith." + name);
        // (The sign tells what was saved from what an earlier transaction's end has left of it: an empty text.)
        fix += fmt::format(
            "{0}pg_catalog.set_config({2}, '=' || pg_catalog.current_setting({1}), true), pg_catalog.set_config({1}, "
            "{3}, "
            "true)",
            fix.empty() ? "" : ", ", own, saved, quote_literal(value));
        restore += fmt::format(
            "{}pg_catalog.set_config({}, pg_catalog.substr(nullif(pg_catalog.current_setting({}, true), ''), 2), true)",
            restore.empty() ? "" : ", ", own, saved);
    }
    auto results = co_await connection.scripts("SELECT " + fix + ";" + sql + ";SELECT " + restore);
    ensure(results.size() >= 3, "each statement has an answer");
    co_return std::move(results[results.size() - 2]);
}

std::string with_statistics(std::string sql) {
    constexpr std::string_view mark = "$statistics";
    const auto at = sql.find(mark);
    if (at != std::string::npos) sql.replace(at, mark.size(), statistics_definition);
    return sql;
}

std::string for_table(std::string_view sql, Oid oid) {
    constexpr std::string_view mark = "$table";
    const std::string number = std::to_string(oid);
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t next = sql.find(mark, at);
        out += sql.substr(at, next - at);
        if (next == std::string_view::npos) {
            return out;
        }
        out += number;
        at = next + mark.size();
    }
}

}  // namespace pgwraith::catalog
