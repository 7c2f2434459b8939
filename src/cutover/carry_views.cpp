// Views, materialized views and SQL-standard functions.
//
// A view is bound to the old table's OID; CREATE OR REPLACE with its own text, once the name means the new table, binds
// it anew and keeps its OID with all that hangs on it. Where its output changes with the table that is refused by the
// server: then it is dropped before and created after, and so is everything that refers to it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "carriers.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/cutover/views.h"
#include "view_graph.h"

namespace pgwraith::cutover {

namespace {

using catalog::Refusal;

enum class Way { leave, replace, recreate };

struct Fate {
    Way way = Way::leave;
    std::optional<std::string> given;  // the new definition from the configuration
};

// What becomes of a column, by its number in the old table.
struct Changes {
    std::set<int> gone;     // dropped or renamed
    std::set<int> retyped;  // type, modifier or collation
};

Changes changes_of(const catalog::Table& live, const catalog::Table& shadow, const plan::Mapping& mapping) {
    Changes changes;
    for (const auto& column : live.columns) {
        const auto found = std::ranges::find(mapping.columns, column.name, &plan::MappedColumn::old_name);
        if (found == mapping.columns.end() || found->name != column.name) {
            changes.gone.insert(column.attnum);
            continue;
        }
        const auto* now = shadow.column(found->name);
        ensure(now != nullptr, "a mapped column is in the shadow");
        if (now->type_sql != column.type_sql || now->collation_sql != column.collation_sql) {
            changes.retyped.insert(column.attnum);
        }
    }
    return changes;
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

// In the order of the nodes, so that what they refer to is settled.
std::map<Oid, Fate> settle(const std::vector<ViewNode>& nodes, const Changes& changes,
                           const config::Dependents& dependents) {
    const auto given = given_definitions(dependents);
    std::map<Oid, Fate> fates;
    for (const auto& node : nodes) {
        Fate fate;
        if (const auto found = given.find(node.name); found != given.end() && node.kind != 'f')
            fate.given = found->second;
        const bool refers_to_recreated =
            std::ranges::any_of(node.on, [&](Oid oid) { return fates.at(oid).way == Way::recreate; });
        if (node.kind == 'f') {
            if (refers_to_recreated) {
                fate.way = Way::recreate;
            } else if (node.direct) {
                fate.way = Way::replace;
            }
        } else if (refers_to_recreated || fate.given || node.returns_row ||
                   (node.direct && (node.kind == 'm' || meet(node.columns, changes.retyped)))) {
            fate.way = Way::recreate;
        } else if (node.direct) {
            fate.way = Way::replace;
        }
        fates[node.oid] = fate;
    }
    return fates;
}

std::string column_names(const catalog::Table& live, const std::set<int>& columns, const std::set<int>& gone) {
    std::string names;
    for (int attnum : columns) {
        if (!gone.contains(attnum)) continue;
        const auto* column = live.column_at(attnum);
        if (column != nullptr) names += (names.empty() ? "" : ", ") + column->name;
    }
    return names;
}

std::string create_sql(const ViewNode& node, const Fate& fate) {
    if (node.kind == 'f') return node.definition;
    const char* create = "CREATE OR REPLACE VIEW ";
    if (node.kind == 'm') create = "CREATE MATERIALIZED VIEW ";
    if (node.kind == 'v' && fate.way == Way::recreate) create = "CREATE VIEW ";
    return create + node.head + " AS " + fate.given.value_or(node.definition) + node.tail;
}

std::string drop_sql(const ViewNode& node) {
    return fmt::format("DROP {} {}", node.kind == 'm' ? "MATERIALIZED VIEW" : "VIEW", node.name.sql());
}

void refuse_node(const ViewNode& node, const Fate& fate, const catalog::Table& live, const Changes& changes,
                 const config::Dependents& dependents, std::vector<Refusal>& refusals) {
    if (fate.way == Way::leave) return;
    if (!node.ours) {
        refusals.push_back({fmt::format("{} belongs to another role and would have to be made anew", node.identity),
                            "Run the migration as a role that is a member of its owner."});
    }
    // Nothing locks a function: a call that has read its body before the swap waits for the old table and goes on
    // there. What it reads is what was there when it began; what it writes would be lost.
    if (node.kind == 'f' && node.direct && node.writes) {
        refusals.push_back(
            {fmt::format("{} writes to the table from an SQL-standard body, which is bound to the old table: a "
                         "call that waits for the swap would write there",
                         node.identity),
             "Give it a body in quotes (AS $$ … $$) for the time of the migration: such a body finds the table "
             "by its name."});
    }
    if (!fate.given && meet(node.columns, changes.gone)) {
        auto remedy =
            fmt::format("Give its new definition (`dependents: {{views: {{{}.{}: \"SELECT …\"}}}}`), or drop it first.",
                        node.name.schema, node.name.name);
        if (node.kind == 'f') remedy = "Drop it before the migration and create it again afterwards.";
        refusals.push_back({fmt::format("{} uses what the change drops or renames: {}", node.identity,
                                        column_names(live, node.columns, changes.gone)),
                            remedy});
    }
    if (node.kind == 'm' && !dependents.recreate_materialized_views) {
        refusals.push_back(
            {fmt::format("{} would have to be filled anew from the new table", node.identity),
             fmt::format(
                 "Let pgwraith do it (`dependents: {{materialized_views: recreate}}`; it is empty from the swap until "
                 "its refresh is through), or run {}; before the migration and, after it, {}; REFRESH MATERIALIZED "
                 "VIEW {};",
                 drop_sql(node), create_sql(node, fate), node.name.sql())});
    }
    if (fate.way != Way::recreate || node.kind == 'f') return;
    for (const auto& obstacle : node.in_the_way) {
        refusals.push_back(
            {fmt::format("{} refers to {}, which must be dropped and created again because its columns change",
                         obstacle, node.identity),
             "Drop it before the migration and create it again afterwards."});
    }
}

}  // namespace

Task<std::vector<Refusal>> refuse_views(postgres::Connection& connection, catalog::Table live, catalog::Table shadow,
                                        plan::Mapping mapping, config::Dependents dependents) {
    const auto nodes = co_await read_views(connection, live.oid);
    const auto changes = changes_of(live, shadow, mapping);
    const auto fates = settle(nodes, changes, dependents);
    std::vector<Refusal> refusals;
    for (const auto& node : nodes) refuse_node(node, fates.at(node.oid), live, changes, dependents, refusals);
    for (const auto& [name, sql] : given_definitions(dependents)) {
        if (std::ranges::any_of(
                nodes, [&, &wanted = name](const ViewNode& node) { return node.kind != 'f' && node.name == wanted; }))
            continue;
        refusals.push_back({fmt::format("dependents.views: {} is no view on {}", name.sql(), live.name.sql()),
                            "Check its name, or leave it out."});
    }
    co_return refusals;
}

Task<Carried> carry_views(postgres::Connection& connection, CarryContext context) {
    const auto shadow = co_await catalog::read_table(connection, context.pair.shadow_oid);
    const auto nodes = co_await read_views(connection, context.live.oid);
    const auto fates = settle(nodes, changes_of(context.live, shadow, context.pair.mapping), context.dependents);
    Carried carried;
    std::vector<std::string> functions;
    carried.before_move.emplace_back("SET LOCAL check_function_bodies = off");
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        const auto& fate = fates.at(node->oid);
        if (fate.way == Way::leave) continue;
        if (node->kind != 'f') carried.lock_first.push_back(node->lock);
        // What refers to a dropped view must let go of it first: a function's body is emptied for the moment.
        if (node->kind == 'f' && fate.way == Way::recreate) {
            carried.before_move.insert(carried.before_move.begin() + 1, node->stub);
        } else if (fate.way == Way::recreate) {
            carried.before_move.push_back(drop_sql(*node));
        }
    }
    for (const auto& node : nodes) {
        const auto& fate = fates.at(node.oid);
        if (fate.way == Way::leave) continue;
        if (node.kind == 'f') {
            functions.push_back(create_sql(node, fate));
            continue;
        }
        carried.after_move.push_back(create_sql(node, fate));
        if (fate.way != Way::recreate) continue;
        carried.after_move.insert(carried.after_move.end(), node.hangs_on.begin(), node.hangs_on.end());
        carried.after_commit.insert(carried.after_commit.end(), node.then.begin(), node.then.end());
    }
    carried.after_move.insert(carried.after_move.end(), functions.begin(), functions.end());
    if (carried.before_move.size() == 1 && functions.empty()) carried.before_move.clear();
    co_return carried;
}

}  // namespace pgwraith::cutover
