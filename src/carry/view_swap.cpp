#include "view_swap.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::carry {

namespace {

std::string column_names(const catalog::Table& live, const std::set<int>& columns, const std::set<int>& gone) {
    std::string names;
    for (int attnum : columns) {
        if (!gone.contains(attnum)) continue;
        const auto* column = live.column_at(attnum);
        if (column != nullptr) names += (names.empty() ? "" : ", ") + column->name;
    }
    return names;
}

// What the change takes away from it.
std::set<int> without_renamed(const ViewNode& node, const ColumnChanges& changes) {
    std::set<int> gone = changes.gone;
    if (!node.respelled) gone.insert(changes.renamed.begin(), changes.renamed.end());
    return gone;
}

std::string create_sql(const ViewNode& node, const Fate& fate) {
    if (node.kind == NodeKind::function) return node.definition;
    return create_view_sql(node, fate, node.name, fate.given.value_or(node.definition));
}

// A given definition may lack columns: what hung on them goes with them.
std::string hang_sql(const ViewNode& node, const Fate& fate, const HangsOn& part) {
    if (!fate.given || part.column.empty()) return part.sql;
    return fmt::format(
        "DO {0} BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = {1}::pg_catalog.regclass "
        "AND attname = {2} AND NOT attisdropped) THEN EXECUTE {3}; END IF; END {0}",
        "$pgwraith$", quote_literal(node.name.sql()), quote_literal(part.column), quote_literal(part.sql));
}

std::string drop_sql(const ViewNode& node) {
    return fmt::format("DROP {} {}", node.kind == NodeKind::materialized_view ? "MATERIALIZED VIEW" : "VIEW",
                       node.name.sql());
}

void refuse_node(const ViewNode& node, const Fate& fate, const catalog::Table& live, const ColumnChanges& changes,
                 const config::Dependents& dependents, std::vector<catalog::Refusal>& refusals) {
    if (fate.way == Way::leave) return;
    if (!node.ours) {
        refusals.push_back({fmt::format("{} belongs to another role and would have to be made anew", node.identity),
                            "Run the migration as a role that is a member of its owner."});
    }
    if (!node.may_create) {
        refusals.push_back(
            {fmt::format("{} has to be made anew, and our role may not create in its schema", node.identity),
             fmt::format("GRANT CREATE ON SCHEMA {} to it.", quote_identifier(node.name.schema))});
    }
    if ((fate.way == Way::recreate || fate.way == Way::renew) && !node.owner_may_create) {
        refusals.push_back({fmt::format("{} has to be dropped and created again, and its owner {} may not create in "
                                        "its schema",
                                        node.identity, quote_identifier(node.owner)),
                            fmt::format("GRANT CREATE ON SCHEMA {} TO {}.", quote_identifier(node.name.schema),
                                        quote_identifier(node.owner))});
    }
    // Nothing locks a function: a call that has read its body before the swap waits for the old table and goes on
    // there. What it reads is what was there when it began; what it writes would be lost.
    if (node.kind == NodeKind::function && node.direct && node.writes) {
        refusals.push_back(
            {fmt::format("{} writes to the table from an SQL-standard body, which is bound to the old table: a "
                         "call that waits for the swap would write there",
                         node.identity),
             "Give it a body in quotes (AS $$ … $$) for the time of the migration: such a body finds the table "
             "by its name."});
    }
    const auto gone = without_renamed(node, changes);
    if (!fate.given && meet(node.columns, gone)) {
        auto remedy =
            fmt::format("Give its new definition (`dependents: {{views: {{{}.{}: \"SELECT …\"}}}}`), or drop it first.",
                        node.name.schema, node.name.name);
        if (node.kind == NodeKind::function) remedy = "Drop it before the migration and create it again afterwards.";
        refusals.push_back({fmt::format("{} uses columns that the change drops or renames: {}", node.identity,
                                        column_names(live, node.columns, gone)),
                            remedy});
    }
    if (node.kind == NodeKind::materialized_view && !dependents.recreate_materialized_views) {
        refusals.push_back(
            {fmt::format("{} would have to be filled anew from the new table", node.identity),
             fmt::format(
                 "Let pgwraith do it (`dependents: {{materialized_views: recreate}}`; queries on it fail from the swap "
                 "until its refresh is through), or run {}; before the migration and, after it, {}; REFRESH "
                 "MATERIALIZED "
                 "VIEW {};",
                 drop_sql(node), create_sql(node, fate), node.name.sql())});
    }
    if (fate.way != Way::recreate || node.kind == NodeKind::function) return;
    for (const auto& obstacle : node.in_the_way) {
        refusals.push_back(
            {fmt::format("{} refers to {}, which must be dropped and created again because its columns change",
                         obstacle, node.identity),
             "Drop it before the migration and create it again afterwards."});
    }
}

// The old one stays with the old table, so that a call that has begun finds it. Its name may be another's there.
std::vector<std::string> set_aside(const ViewNode& node, const std::vector<ViewNode>& all, const Fate& fate,
                                   const std::string& old_schema) {
    if (fate.drop) return {"DROP ROUTINE " + node.signature};
    const auto arguments = node.signature.substr(node.signature.find('(', node.signature.find(node.name.name)));
    const bool alone =
        std::ranges::count_if(all, [&](const ViewNode& other) {
            return other.kind == NodeKind::function && other.row_type && other.name.name == node.name.name;
        }) == 1;
    std::vector<std::string> sql;
    std::string signature = node.signature;
    if (!alone) {
        const QualifiedName name{node.name.schema, fmt::format("pgwraith_{}", node.oid)};
        sql.push_back(fmt::format("ALTER ROUTINE {} RENAME TO {}", signature, quote_identifier(name.name)));
        signature = name.sql() + arguments;
    }
    sql.push_back(fmt::format("ALTER ROUTINE {} SET SCHEMA {}", signature, quote_identifier(old_schema)));
    return sql;
}

}  // namespace

std::vector<catalog::Refusal> refuse_nodes(const std::vector<ViewNode>& nodes, const Fates& fates,
                                           const catalog::Table& live, const ColumnChanges& changes,
                                           const config::Dependents& dependents) {
    std::vector<catalog::Refusal> refusals;
    for (const auto& node : nodes) refuse_node(node, fates.at(node.oid), live, changes, dependents, refusals);
    for (const auto& [name, sql] : given_definitions(dependents)) {
        if (std::ranges::any_of(nodes, [&, &wanted = name](const ViewNode& node) {
                return node.kind != NodeKind::function && node.name == wanted;
            }))
            continue;
        refusals.push_back({fmt::format("dependents.views: {} is no view on {}", name.sql(), live.name.sql()),
                            "Check its name, or leave it out."});
    }
    return refusals;
}

Carried view_statements(const std::vector<ViewNode>& nodes, const Fates& fates, const std::string& old_schema) {
    Carried carried;
    std::vector<std::string> stubs;
    std::vector<std::string> drops;
    std::vector<std::string> aside;
    auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        const auto& fate = fates.at(node->oid);
        if (fate.way == Way::leave) continue;
        if (node->kind != NodeKind::function) {
            const char* kind = node->kind == NodeKind::materialized_view ? "materialized view" : "view";
            carried.locks.push_back({Turn::view, kind, node->name, "ACCESS EXCLUSIVE", node->lock});
        }
        if (fate.way == Way::renew) append(fate.drop ? stubs : aside, set_aside(*node, nodes, fate, old_schema));
        if (fate.way != Way::recreate) continue;
        // What refers to a dropped view must let go of it first: a function's body is emptied for the moment.
        if (node->kind == NodeKind::function) {
            stubs.push_back(node->stub);
        } else {
            drops.push_back(drop_sql(*node));
        }
    }
    bool functions = false;
    for (const auto& node : nodes) {
        const auto& fate = fates.at(node.oid);
        if (fate.way == Way::leave) continue;
        functions = functions || node.kind == NodeKind::function;
        carried.after_move.push_back(create_sql(node, fate) + (node.kind == NodeKind::function ? node.tail : ""));
        if (fate.way == Way::replace || (node.kind == NodeKind::function && fate.way == Way::recreate)) continue;
        for (const auto& part : node.hangs_on) carried.after_move.push_back(hang_sql(node, fate, part));
        append(carried.after_commit, node.then);
    }
    if (functions) carried.before_move.emplace_back("SET LOCAL check_function_bodies = off");
    for (const auto* part : {&stubs, &drops, &aside}) append(carried.before_move, *part);
    return carried;
}

}  // namespace pgwraith::carry
