#include "key_candidates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "pgwraith/base/error.h"

namespace pgwraith::catalog {

std::vector<const Column*> nullable_columns(const Table& table, const Index& index) {
    std::vector<const Column*> columns;
    for (const int attnum : index.key_attnums) {
        const Column* column = table.column_at(attnum);
        if (column != nullptr && !column->not_null) columns.push_back(column);
    }
    return columns;
}

// What PostgreSQL itself asks of REPLICA IDENTITY USING INDEX, but for NOT NULL. Empty: it would do.
std::string what_is_wrong(const Index& index) {
    if (!index.unique) return "it is not unique";
    if (!index.valid) return "it is not valid (an interrupted CREATE INDEX or REINDEX CONCURRENTLY?)";
    if (!index.immediate) return "its constraint is deferrable";
    if (index.partial) return "it is partial (WHERE)";
    if (index.expressions) return "it is on an expression";
    if (index.method != "btree") return fmt::format("its access method is {}", index.method);
    return {};
}

std::string names_of(const std::vector<const Column*>& columns) {
    std::vector<std::string> names;
    for (const Column* column : columns) names.push_back(quote_identifier(column->name));
    return fmt::format("{}", fmt::join(names, ", "));
}

bool is_identified(const Table& table) {
    if (table.replica_identity == IdentityKind::full) return true;
    return std::ranges::any_of(table.indexes, [&](const Index& index) {
        const bool chosen = (table.replica_identity == IdentityKind::primary_key && index.primary) ||
                            (table.replica_identity == IdentityKind::index && index.replica_identity);
        return chosen && what_is_wrong(index).empty();
    });
}

bool identifies_rows(const Table& table, const Index& index) {
    return what_is_wrong(index).empty() && !index.key_attnums.empty() && nullable_columns(table, index).empty();
}

namespace {

// Why its values cannot be followed; empty: they can.
std::string what_is_wrong(const Table& table, const Column& column) {
    const std::string which = fmt::format("key column {} of table {}", quote_identifier(column.name), table.name.sql());
    if (column.generated != Generated::none)
        return which + " is generated, and generated columns are not in the change stream";
    // Printed as names: what is renamed or dropped meanwhile would be another text, or none that can be read back.
    if (column.base_type_sql.starts_with("reg")) {
        return fmt::format("{} has type {}, whose values are printed as names", which, column.type_sql);
    }
    if (!column.array_type_exists) {
        return fmt::format("{} has type {}, which has no array type", which, column.type_sql);
    }
    return {};
}

}  // namespace

std::string what_is_wrong_with_columns(const Table& table, const Index& index) {
    for (const int attnum : index.key_attnums) {
        const Column* column = table.column_at(attnum);
        ensure(column != nullptr, "a key column is not among the table's columns");
        if (auto why = what_is_wrong(table, *column); !why.empty()) return why;
    }
    return {};
}

const Index* primary_key(const Table& table) {
    const auto found = std::ranges::find_if(table.indexes, &Index::primary);
    return found == table.indexes.end() ? nullptr : &*found;
}

// As the planner takes it for what varies in length and has no statistics: the choice does not change with ANALYZE.
int width_of(const Table& table, const Index& index) {
    constexpr int of_varying = 32;
    int width = 0;
    for (const int attnum : index.key_attnums) {
        const int length = table.column_at(attnum)->length;
        width += length > 0 ? length : of_varying;
    }
    return width;
}

// The indexes that could be the replica identity, the best first.
std::vector<const Index*> candidates(const Table& table) {
    std::vector<const Index*> found;
    for (const Index& index : table.indexes) {
        if (identifies_rows(table, index) && what_is_wrong_with_columns(table, index).empty()) found.push_back(&index);
    }
    std::ranges::sort(found, {}, [&](const Index* index) {
        return std::tuple(index->key_attnums.size(), width_of(table, *index), index->name);
    });
    return found;
}

namespace {

// As the configuration says it.
std::string as_setting(const std::string& index) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    const bool starts_well = !index.empty() && !(index.front() >= '0' && index.front() <= '9');
    if (starts_well && std::ranges::all_of(index, plain) && index != "auto") return fmt::format("`key: {}`", index);
    std::string quoted;
    for (const char c : quote_identifier(index)) quoted += c == '\'' ? "''" : std::string(1, c);
    return fmt::format("`key: '{}'`", quoted);
}

// From 18 on it may be there, NOT VALID.
std::string not_valid_not_null(const Table& table, const Column& column) {
    for (const Constraint& constraint : table.constraints) {
        if (constraint.type != ConstraintType::not_null || constraint.validated) continue;
        const std::string& said = constraint.definition;
        if (said.starts_with(fmt::format("NOT NULL {}", column.name)) ||
            said.starts_with(fmt::format("NOT NULL {}", quote_identifier(column.name)))) {
            return constraint.name;
        }
    }
    return {};
}

// Without a lock that keeps anybody waiting: the CHECK is validated beside the writers, and SET NOT NULL goes by it.
std::string how_to_set_not_null(const Table& table, const std::vector<const Column*>& columns) {
    std::string sql;
    std::vector<std::string> conditions, actions;
    for (const Column* column : columns) {
        if (auto name = not_valid_not_null(table, *column); !name.empty()) {
            sql += fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}; ", table.name.sql(), quote_identifier(name));
            continue;
        }
        conditions.push_back(quote_identifier(column->name) + " IS NOT NULL");
        actions.push_back(fmt::format("ALTER COLUMN {} SET NOT NULL", quote_identifier(column->name)));
    }
    if (conditions.empty()) return sql.substr(0, sql.size() - 2);
    return sql + fmt::format(
                     "ALTER TABLE {0} ADD CONSTRAINT key_not_null CHECK ({1}) NOT VALID; ALTER TABLE {0} VALIDATE "
                     "CONSTRAINT key_not_null; ALTER TABLE {0} {2}; ALTER TABLE {0} DROP CONSTRAINT key_not_null",
                     table.name.sql(), fmt::join(conditions, " AND "), fmt::join(actions, ", "));
}

// The unique indexes that lack nothing but NOT NULL.
std::vector<const Index*> almost_candidates(const Table& table) {
    std::vector<const Index*> found;
    for (const Index& index : table.indexes) {
        if (!what_is_wrong(index).empty() || nullable_columns(table, index).empty()) continue;
        if (what_is_wrong_with_columns(table, index).empty()) found.push_back(&index);
    }
    std::ranges::sort(found, {}, [&](const Index* index) {
        return std::tuple(nullable_columns(table, *index).size(), index->key_attnums.size(), index->name);
    });
    return found;
}

}  // namespace

std::string not_null_hint(const Table& table, const Index& index) {
    const auto columns = nullable_columns(table, index);
    return fmt::format(
        "Unique index {} would do if {} could not be NULL; without keeping the table's users waiting: {}. Then say {}",
        quote_identifier(index.name), names_of(columns), how_to_set_not_null(table, columns), as_setting(index.name));
}

namespace {

constexpr const char* for_a_while =
    "that index is the table's replica identity for the time of the migration, and the old one is given back";

}  // namespace

std::string how_to_get_a_key(const Table& table) {
    constexpr std::size_t most = 5;
    const auto found = candidates(table);
    std::vector<std::string> settings;
    for (const Index* index : found) {
        if (settings.size() == most) break;
        settings.push_back(as_setting(index->name));
    }
    if (found.size() > 1) {
        return fmt::format("Say {}{} in the configuration, or `key: auto` (which takes the first of these): {}",
                           fmt::join(settings, " or "), found.size() > most ? " …" : "", for_a_while);
    }
    if (!found.empty()) {
        return fmt::format("Say {} (or `key: auto`) in the configuration: {}", settings.front(), for_a_while);
    }
    if (const auto almost = almost_candidates(table); !almost.empty()) return not_null_hint(table, *almost.front());
    return fmt::format(
        "Add a primary key (CREATE UNIQUE INDEX CONCURRENTLY … on NOT NULL columns, then ALTER TABLE {0} ADD PRIMARY "
        "KEY USING INDEX …), or a unique index on NOT NULL columns and `key: …` with its name in the configuration",
        table.name.sql());
}

// For what `key` cannot fix, because it could not be given back.
std::string other_identity(const Table& table) {
    const auto found = candidates(table);
    const bool primary = std::ranges::any_of(found, [](const Index* index) { return index->primary; });
    if (found.empty() || primary) {
        return fmt::format("ALTER TABLE {} REPLICA IDENTITY DEFAULT{}", table.name.sql(),
                           primary ? "" : "; then: " + how_to_get_a_key(table));
    }
    return fmt::format("ALTER TABLE {0} REPLICA IDENTITY USING INDEX {1}, or REPLICA IDENTITY DEFAULT and {2}",
                       table.name.sql(), quote_identifier(found.front()->name), as_setting(found.front()->name));
}

}  // namespace pgwraith::catalog
