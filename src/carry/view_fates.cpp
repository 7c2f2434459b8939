#include "view_fates.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/server_text.h"

namespace pgwraith::carry {

ColumnChanges changes_of(const catalog::Table& live, const catalog::Table& shadow, const plan::Mapping& mapping) {
    ColumnChanges changes;
    for (const auto& column : live.columns) {
        const auto found = std::ranges::find(mapping.columns, column.name, &plan::MappedColumn::old_name);
        if (found == mapping.columns.end()) {
            changes.gone.insert(column.attnum);
            continue;
        }
        if (found->name != column.name) changes.renamed.insert(column.attnum);
        const auto* now = shadow.column(found->name);
        ensure(now != nullptr, "a mapped column is in the shadow");
        if (now->type_sql != column.type_sql || now->collation_sql != column.collation_sql) {
            changes.retyped.insert(column.attnum);
        }
    }
    return changes;
}

bool renames(const plan::Mapping& mapping) {
    return std::ranges::any_of(mapping.columns,
                               [](const auto& column) { return column.old_name && *column.old_name != column.name; });
}

// Every column by way of a name that is nobody's, so that names may be exchanged.
std::string rename_sql(const QualifiedName& table, const plan::Mapping& mapping) {
    std::string away;
    std::string back;
    int number = 0;
    auto rename = [&](const std::string& from, const std::string& to) {
        return fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}; ", table.sql(), quote_identifier(from),
                           quote_identifier(to));
    };
    for (const auto& name : mapping.dropped) away += rename(name, fmt::format("pgwraith_{}", ++number));
    for (const auto& column : mapping.columns) {
        if (!column.old_name || *column.old_name == column.name) continue;
        const auto between = fmt::format("pgwraith_{}", ++number);
        away += rename(*column.old_name, between);
        back += rename(between, column.name);
    }
    return away + back;
}

bool meet(const std::set<int>& some, const std::set<int>& others) {
    return std::ranges::any_of(some, [&](int one) { return others.contains(one); });
}

std::map<QualifiedName, std::string> given_definitions(const config::Dependents& dependents) {
    std::map<QualifiedName, std::string> given;
    for (const auto& [name, sql] : dependents.views) {
        std::string text = sql;
        while (!text.empty() && (text.back() == ';' || std::isspace(static_cast<unsigned char>(text.back())) != 0)) {
            text.pop_back();
        }
        given[QualifiedName::parse(name)] = text;
    }
    return given;
}

Fates fates_of(const std::vector<ViewNode>& nodes, const ColumnChanges& changes, const config::Dependents& dependents) {
    const auto given = given_definitions(dependents);
    Fates fates;
    for (const auto& node : nodes) {
        Fate fate;
        if (const auto found = given.find(node.name); found != given.end() && node.kind != NodeKind::function)
            fate.given = found->second;
        const bool refers_to_recreated =
            std::ranges::any_of(node.on, [&](Oid oid) { return fates.at(oid).way == Way::recreate; });
        const bool refers_to_renewed =
            std::ranges::any_of(node.on, [&](Oid oid) { return fates.at(oid).way == Way::renew; });
        if (node.kind == NodeKind::function) {
            if (node.row_type) {
                fate.way = Way::renew;
                fate.drop = refers_to_recreated;
            } else if (refers_to_recreated) {
                fate.way = Way::recreate;
            } else if (node.direct || refers_to_renewed) {
                fate.way = Way::replace;
            }
        } else if (refers_to_recreated || fate.given || node.row_type ||
                   ((node.direct || refers_to_renewed) &&
                    (node.kind == NodeKind::materialized_view || meet(node.columns, changes.retyped)))) {
            fate.way = Way::recreate;
        } else if (node.direct || refers_to_renewed) {
            fate.way = Way::replace;
        }
        fates[node.oid] = fate;
    }
    return fates;
}

std::string under_name(const ViewNode& function, const QualifiedName& name) {
    return plan::routine_with_name(function.definition, name);
}

std::string create_view_sql(const ViewNode& node, const Fate& fate, const QualifiedName& name,
                            const std::string& definition) {
    const char* create = "CREATE OR REPLACE VIEW ";
    if (node.kind == NodeKind::materialized_view) create = "CREATE MATERIALIZED VIEW ";
    if (node.kind == NodeKind::view && fate.way == Way::recreate) create = "CREATE VIEW ";
    return create + name.sql() + node.head + " AS " + definition + node.tail;
}

}  // namespace pgwraith::carry
