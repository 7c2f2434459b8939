// Views and functions are made anew under the lock; whether the new table suits them is found out before anything
// begins: on the empty shadow, with stand-ins for the views, in the transaction that made it.
#include <fmt/format.h>

#include "pgwraith/base/error.h"
#include "pgwraith/base/real_names.h"
#include "pgwraith/carry/views.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/plan/redirect.h"
#include "renamed_views.h"
#include "view_fates.h"
#include "view_swap.h"

namespace pgwraith::carry {

namespace {

using catalog::Refusal;
using postgres::Connection;
using postgres::PgError;

constexpr const char* take_away = "Remove it before the migration, or give our role the right to set it.";

struct Trial {
    std::string schema;                              // of the shadow and the stand-ins
    std::vector<std::string> search_path;            // by which a given definition is read
    std::map<QualifiedName, QualifiedName> instead;  // the table's and the views' stand-ins
    std::string live_type;                           // the two tables' row types, as the server writes them
    std::string shadow_type;
    std::map<std::string, std::string> calls;  // of functions with the row type: "app.f(" of their stand-ins
    std::set<Oid> unknown;                     // no stand-in: what refers to them cannot be tried
    std::map<Oid, std::vector<HangsOn>> hangs_on;
    std::vector<catalog::EventTrigger> event_triggers;
    std::vector<Refusal> refusals;

    std::string with_calls(std::string text) const {
        for (const auto& [call, instead_of_it] : calls) text = plan::with_name(text, call, instead_of_it);
        return text;
    }
    // A function of the same name that has nothing to do with the table has no stand-in: that says nothing.
    bool calls_another(const PgError& failure, const std::string& before, const std::string& now) const {
        return failure.is(postgres::sqlstate::undefined_function) && before != now;
    }
};

// What it made stays: others may refer to it.
Task<std::optional<PgError>> try_statement(Connection& connection, std::string sql) {
    co_await connection.script("SAVEPOINT pgwraith_stand_in");
    auto failure = co_await postgres::try_script(connection, sql);
    if (failure) co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_stand_in");
    co_return failure;
}

std::string what_is_tried(const ViewNode& node, const Fate& fate) {
    if (!fate.given) return node.identity;
    return fmt::format("{}: its new definition (dependents.views)", node.identity);
}

Refusal refuse(const ViewNode& node, const Fate& fate, const PgError& failure, const Trial& trial) {
    const char* remedy = "Drop or change it before the migration; create it again afterwards.";
    if (fate.given) {
        remedy =
            "Correct it under `dependents: views:`. Names without a schema are found by the search_path of our role in "
            "this database.";
    } else if (node.kind != NodeKind::function) {
        remedy = "Give it a new definition (`dependents: views:`), or drop it first.";
    }
    return {fmt::format("{} does not fit the new table: {}", what_is_tried(node, fate),
                        catalog::message_with_origin(trial.event_triggers, failure)),
            catalog::remedy_for(trial.event_triggers, failure, remedy)};
}

// With the shadow's rows; the body, if it is a text, is the function's own affair, as it is when a table is altered.
// What it was given is tried too, and it stays: views may call it.
Task<void> try_renewed(Connection& connection, const ViewNode& node, const Fate& fate, Trial& trial) {
    const std::string moved =
        plan::with_name(under_name(node, {trial.schema, node.name.name}), trial.live_type, trial.shadow_type);
    const std::string text = trial.with_calls(moved);
    const auto sql = plan::redirect(text, trial.search_path, trial.instead);
    trial.unknown.insert(node.oid);
    if (!sql) co_return;
    co_await connection.script("SET LOCAL check_function_bodies = off");
    const auto failure = co_await try_statement(connection, *sql);
    co_await connection.script("SET LOCAL check_function_bodies = on");
    if (failure && trial.calls_another(*failure, moved, text)) co_return;
    if (failure) {
        trial.refusals.push_back(refuse(node, fate, *failure, trial));
        co_return;
    }
    trial.unknown.erase(node.oid);
    const auto parenthesis = node.signature.find('(', node.signature.find(node.name.name));
    const std::string call = QualifiedName{trial.schema, node.name.name}.sql();
    trial.calls[node.signature.substr(0, parenthesis + 1)] = call + "(";
    const std::string arguments =
        plan::with_name(node.signature.substr(parenthesis), trial.live_type, trial.shadow_type);
    for (const auto& part : node.hangs_on) {
        std::string given = part.sql;
        given.replace(given.find(node.signature), node.signature.size(), call + arguments);
        const auto denied = co_await try_statement(connection, given);
        if (!denied) continue;
        trial.refusals.push_back(
            {fmt::format("{} has to be made anew, and this cannot be set on it again: {} ({})", node.identity,
                         catalog::message_with_origin(trial.event_triggers, *denied), part.sql),
             catalog::remedy_for(trial.event_triggers, *denied, take_away)});
    }
}

Task<void> try_function(Connection& connection, const ViewNode& node, const Fate& fate, Trial& trial) {
    const std::string moved = under_name(node, {trial.schema, node.name.name});
    const std::string text = trial.with_calls(moved);
    const auto sql = plan::redirect(text, trial.search_path, trial.instead);
    if (!sql) co_return;
    // Two of one name may come from two schemas.
    const auto failure = co_await postgres::try_and_undo(connection, *sql);
    if (failure && trial.calls_another(*failure, moved, text)) co_return;
    if (failure) trial.refusals.push_back(refuse(node, fate, *failure, trial));
}

Task<void> try_what_hangs_on(Connection& connection, const ViewNode& node, const QualifiedName& stand_in,
                             Trial& trial) {
    for (const auto& part : trial.hangs_on[node.oid]) {
        if (!part.column.empty()) {
            const auto column = co_await connection.query(
                "SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
                postgres::params(stand_in.sql(), part.column));
            if (column.empty()) continue;
        }
        const auto failure = co_await try_statement(connection, part.sql);
        if (!failure) continue;
        trial.refusals.push_back(
            {fmt::format("{} has to be dropped and created again, and this cannot be set on it again: {} ({})",
                         node.identity, catalog::message_with_origin(trial.event_triggers, *failure), part.sql),
             catalog::remedy_for(trial.event_triggers, *failure, take_away)});
    }
}

Task<void> try_view(Connection& connection, const ViewNode& node, const Fate& fate, Trial& trial) {
    const std::string& definition = fate.given ? *fate.given : node.definition;
    trial.unknown.insert(node.oid);
    if (fate.given && plan::is_one_query(definition) == false) {
        trial.refusals.push_back({what_is_tried(node, fate) + " is not one SELECT",
                                  "Give the query alone, without CREATE VIEW and without a second statement."});
        co_return;
    }
    const std::string text = trial.with_calls(definition);
    const auto sql = plan::redirect(text, trial.search_path, trial.instead);
    if (!sql) {
        spdlog::warn("{} cannot be tried before the cutover: it is written in a way that is not understood here",
                     what_is_tried(node, fate));
        co_return;
    }
    const QualifiedName stand_in{trial.schema, fmt::format("pgwraith_view_{}", node.oid)};
    const auto failure = co_await try_statement(connection, create_view_sql(node, fate, stand_in, *sql));
    if (failure && trial.calls_another(*failure, definition, text)) co_return;
    if (failure) {
        trial.refusals.push_back(refuse(node, fate, *failure, trial));
        co_return;
    }
    trial.unknown.erase(node.oid);
    trial.instead[node.name] = stand_in;
    if (fate.way == Way::recreate) co_await try_what_hangs_on(connection, node, stand_in, trial);
}

// A view may group by a key alone; the roles that grant rights and get them must be able to name the stand-ins.
Task<void> set_stage(Connection& connection, const shadow::Blueprint& blueprint, const std::string& schema) {
    std::string sql = fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO PUBLIC; SET LOCAL check_function_bodies = on; ",
                                  quote_identifier(schema));
    for (const auto& index : blueprint.indexes) {
        if (!index.constraint_sql.empty()) sql += index.create_sql + "; " + index.constraint_sql + "; ";
    }
    co_await connection.script(sql);
}

Task<std::vector<Refusal>> try_all(Connection& connection, catalog::Table live, catalog::Table shadow,
                                   shadow::Blueprint blueprint, std::vector<ViewNode> nodes, Fates fates) {
    Trial trial;
    trial.schema = shadow.name.schema;
    const auto path = co_await connection.query("SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))");
    for (int row = 0; row < path.rows(); ++row) trial.search_path.push_back(path.str(row, 0));
    trial.instead[live.name] = shadow.name;
    trial.hangs_on = co_await read_hangs_on(connection, live.oid, true);
    trial.event_triggers = co_await catalog::read_event_triggers(connection);
    const auto types =
        co_await connection.query("SELECT format('%I.%I', $1::text, $3::text), format('%I.%I', $2::text, $3::text)",
                                  postgres::params(live.name.schema, shadow.name.schema, live.name.name));
    trial.live_type = types.str(0, 0);
    trial.shadow_type = types.str(0, 1);
    co_await set_stage(connection, blueprint, trial.schema);
    for (const auto& node : nodes) {
        const auto& fate = fates.at(node.oid);
        if (fate.way == Way::leave) continue;
        if (std::ranges::any_of(node.on, [&](Oid oid) { return trial.unknown.contains(oid); })) {
            trial.unknown.insert(node.oid);
        } else if (fate.way == Way::renew) {
            co_await try_renewed(connection, node, fate, trial);
        } else if (node.kind == NodeKind::function) {
            co_await try_function(connection, node, fate, trial);
        } else {
            co_await try_view(connection, node, fate, trial);
        }
    }
    RealNames names{{trial.schema, live.name.schema}};
    for (const auto& [real, stand_in] : trial.instead) {
        if (stand_in.name != real.name) names.emplace_back(stand_in.name, real.name);
    }
    for (auto& refusal : trial.refusals) refusal.reason = with_real_names(refusal.reason, names);
    co_return trial.refusals;
}

}  // namespace

Task<std::vector<Refusal>> check_views(Connection& connection, catalog::Table live, catalog::Table shadow,
                                       shadow::Blueprint blueprint, config::Dependents dependents) {
    const auto found = co_await read_views(connection, live.oid);
    const auto nodes = co_await with_renamed_columns(connection, live, blueprint.mapping, found);
    const auto changes = changes_of(live, shadow, blueprint.mapping);
    const auto fates = fates_of(nodes, changes, dependents);
    auto refusals = refuse_nodes(nodes, fates, live, changes, dependents);
    if (!refusals.empty() || nodes.empty()) co_return refusals;
    auto work = try_all(connection, live, shadow, blueprint, nodes, fates);
    refusals = co_await postgres::undone(connection, "SAVEPOINT pgwraith_views", "ROLLBACK TO SAVEPOINT pgwraith_views",
                                         std::move(work));
    co_return refusals;
}

}  // namespace pgwraith::carry
