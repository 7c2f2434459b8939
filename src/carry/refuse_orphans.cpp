// Rows that the foreign keys of the new table would not allow: looked for before anybody is kept waiting. A key that
// stands, and whose columns' values stay, holds: the live table's own sees to that.
#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/carry/orphans.h"
#include "pgwraith/carry/swap.h"

namespace pgwraith::carry {

namespace {

using shadow::ForeignKey;

// The new table's columns as the live rows give them at this moment. The shadow is behind them: a row of it that is
// merely stale would look like an orphan. Empty when only the shadow knows a column's values (a default, generated).
std::string rows_as_they_will_be(const shadow::Pair& pair, const std::vector<std::string>& columns) {
    std::string values;
    for (const auto& name : columns) {
        const auto column = std::ranges::find(pair.mapping.columns, name, &plan::MappedColumn::name);
        if (column == pair.mapping.columns.end() || !column->verify_expression) return "";
        values += fmt::format("{}({})::{} AS {}", values.empty() ? "" : ", ", *column->verify_expression,
                              column->type_sql, quote_identifier(name));
    }
    return fmt::format("(SELECT {} FROM ONLY {})", values, pair.live.sql());
}

// The key is the table's and binds all rows, and it is new or the change makes something else of its columns.
bool may_not_hold(const shadow::Pair& pair, const ForeignKey& key) {
    if (key.child != pair.live || !key.validated || !key.enforced) return false;
    auto stays = [&](const std::string& name) {
        const auto column = std::ranges::find(pair.mapping.columns, name, &plan::MappedColumn::name);
        return column != pair.mapping.columns.end() && column->origin == "same";
    };
    if (key.added || !std::ranges::all_of(key.child_columns, stays)) return true;
    return key.parent == pair.live && !std::ranges::all_of(key.parent_columns, stays);
}

Task<void> refuse_orphans_of(postgres::Connection& connection, shadow::Pair pair, ForeignKey key) {
    if (key.definition.find(", PERIOD ") != std::string::npos) co_return;  // several rows may be the partner together
    KeyColumns columns;
    columns.child = pair.live;
    columns.child_rows = rows_as_they_will_be(pair, key.child_columns);
    columns.parent = key.parent;
    if (key.parent == pair.live) columns.parent_rows = rows_as_they_will_be(pair, key.parent_columns);
    if (columns.child_rows.empty() || (key.parent == pair.live && columns.parent_rows.empty())) {
        if (!key.added) co_return;  // it held before; the validation after the swap has the last word
        columns.child_rows = pair.shadow.sql();
        if (key.parent == pair.live) columns.parent_rows = pair.shadow.sql();
    }
    columns.child_columns = key.child_columns;
    columns.parent_columns = key.parent_columns;
    columns.match_full = key.definition.find(") MATCH FULL") != std::string::npos;
    std::string orphans;
    try {
        orphans = co_await find_orphans(connection, columns);
    } catch (const postgres::PgError& error) {
        // We may not be allowed to read the other table, or its type has no "=" that we find. The key stands today.
        if (key.added || error.state_class() == postgres::SqlStateClass::transient) throw;
        spdlog::info("foreign key {} is not looked at before the swap: {}", key.name, error.message());
    }
    if (orphans.empty()) co_return;
    throw Error(ErrorKind::stopped, fmt::format("foreign key {} does not hold: {}", key.name, orphans),
                "Nothing was swapped. Fix these rows and run the same command again, or write the key with NOT VALID.");
}

}  // namespace

bool may_have_orphans(const shadow::Pair& pair, const std::vector<ForeignKey>& keys) {
    return std::ranges::any_of(keys, [&](const ForeignKey& key) { return may_not_hold(pair, key); });
}

Task<void> refuse_orphans(postgres::Connection& connection, shadow::Pair pair, std::vector<ForeignKey> keys) {
    for (const auto& key : keys) {
        if (may_not_hold(pair, key)) co_await refuse_orphans_of(connection, pair, key);
    }
}

}  // namespace pgwraith::carry
