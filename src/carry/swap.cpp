#include "pgwraith/carry/swap.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "carriers.h"
#include "pgwraith/base/names.h"
#include "pgwraith/carry/orphans.h"
#include "pgwraith/catalog/flags.h"
#include "pgwraith/shadow/flags.h"

namespace pgwraith::carry {

namespace {

std::set<std::string> added_at_swap(const CarryContext& context, const shadow::Blueprint& blueprint) {
    std::set<std::string> names;
    for (const auto& key : blueprint.foreign_keys) {
        if (key.child == context.live.name) names.insert(key.name);
    }
    for (const auto& constraint : context.live.constraints) {
        const auto name = shadow::name_now(blueprint.renamed_constraints, constraint.name);
        const auto added = " ADD CONSTRAINT " + quote_identifier(name) + " ";
        for (const auto& statement : blueprint.at_swap_sql) {
            if (statement.find(added) != std::string::npos) names.insert(name);
        }
    }
    for (const auto& check : blueprint.untouched_checks) {
        if (check.set_aside) names.insert(check.name);
    }
    return names;
}

// A constraint that was NOT VALID when the shadow was made, and binds new rows only, may have been validated since.
std::vector<std::string> validated_meanwhile(const CarryContext& context, const shadow::Blueprint& blueprint) {
    std::vector<std::string> sql;
    for (const auto& constraint : context.live.constraints) {
        if (!constraint.validated) continue;
        const auto name = shadow::name_now(blueprint.renamed_constraints, constraint.name);
        const auto added =
            fmt::format("ALTER TABLE {} ADD CONSTRAINT {} ", context.pair.shadow.sql(), quote_identifier(name));
        for (const auto& statement : blueprint.at_swap_sql) {
            if (!statement.starts_with(added) || !statement.ends_with(" NOT VALID")) continue;
            sql.push_back(validate_sql(context.live.name, name));
        }
    }
    return sql;
}

// Tables by name, whoever swaps; each relation once, at its first turn.
std::vector<Lock> in_order(std::vector<Lock> locks) {
    std::ranges::stable_sort(locks, [](const Lock& a, const Lock& b) {
        if (a.turn != b.turn) return a.turn < b.turn;
        const bool by_name = a.turn == Turn::before || a.turn == Turn::after_live;
        return by_name && a.name < b.name;
    });
    std::vector<Lock> once;
    std::set<QualifiedName> seen;
    for (auto& lock : locks) {
        if (seen.insert(lock.name).second) once.push_back(std::move(lock));
    }
    return once;
}

}  // namespace

Lock table_lock(Turn turn, QualifiedName name, bool may_lock) {
    Lock lock{turn, "table", std::move(name), "ACCESS EXCLUSIVE", ""};
    if (may_lock) lock.statement = fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", lock.name.sql());
    return lock;
}

Lock sequence_lock(QualifiedName name, const std::string& owner) {
    Lock lock{Turn::sequence, "sequence", std::move(name), "ACCESS EXCLUSIVE", ""};
    lock.statement = fmt::format("ALTER SEQUENCE {} OWNER TO {}", lock.name.sql(), quote_identifier(owner));
    return lock;
}

void Carried::add(Carried other) {
    auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(locks, other.locks);
    append(before_move, other.before_move);
    append(after_move, other.after_move);
    append(after_commit, other.after_commit);
}

// SET SCHEMA keeps the name of the array type, which may be taken where the table goes (by a neighbour called _t, say);
// RENAME chooses one that is free there, as CREATE TABLE does. So the table arrives under a name of ours.
std::vector<std::string> move_sql(const QualifiedName& live, const shadow::Pair& pair, const std::string& old_schema) {
    const std::string passing = fmt::format("pgwraith_{}", pair.live_oid);
    auto alter = [](const QualifiedName& table, const char* what, const std::string& name) {
        return fmt::format("ALTER TABLE {} {} {}", table.sql(), what, quote_identifier(name));
    };
    return {alter(live, "SET SCHEMA", old_schema), alter(pair.shadow, "RENAME TO", passing),
            alter({pair.shadow.schema, passing}, "SET SCHEMA", live.schema),
            alter({live.schema, passing}, "RENAME TO", live.name)};
}

Task<SwapPlan> plan_swap(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint) {
    Carried carried = co_await carry_privileges(connection, context);
    carried.add(co_await carry_sequences(connection, context, blueprint.sequences));
    carried.add(co_await carry_statistics(connection, context));
    carried.add(co_await carry_views(connection, context));
    carried.add(co_await carry_attached(connection, context));
    carried.add(co_await carry_foreign_rules(connection, context));
    carried.add(co_await carry_foreign_policies(connection, context));
    carried.add(co_await carry_foreign_keys(connection, context, blueprint));
    auto at_swap = added_at_swap(context, blueprint);
    carried.add(co_await carry_settings(connection, context, blueprint, std::move(at_swap)));
    carried.add(carry_denied_privileges(context));

    SwapPlan plan;
    carried.locks.push_back(table_lock(Turn::live, context.live.name));
    carried.locks.back().statement =
        fmt::format("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", context.live.name.sql());
    carried.locks.push_back(table_lock(Turn::shadow, context.pair.shadow));
    plan.locks = in_order(std::move(carried.locks));
    auto& sql = plan.statements;
    for (const auto& index : blueprint.indexes) {
        if (index.helper) {
            sql.push_back("DROP INDEX " + QualifiedName{context.pair.shadow.schema, index.name}.sql());
        }
    }
    sql.insert(sql.end(), blueprint.at_swap_sql.begin(), blueprint.at_swap_sql.end());
    for (const auto& check : blueprint.untouched_checks) {
        if (check.set_aside) sql.insert(sql.end(), check.at_swap_sql.begin(), check.at_swap_sql.end());
    }
    sql.insert(sql.end(), carried.before_move.begin(), carried.before_move.end());
    for (auto& statement : move_sql(context.live.name, context.pair, context.old_schema)) {
        sql.push_back(std::move(statement));
    }
    sql.insert(sql.end(), carried.after_move.begin(), carried.after_move.end());
    // An event trigger that acts on the swap's own statements is noticed before the commit.
    auto flags = co_await catalog::read_flags(connection, context.live.oid);
    if (context.identity) catalog::set_identity(flags, *context.identity);
    for (auto& flag : flags) {
        if (flag.about == "CLUSTER mark")
            flag.definition = shadow::name_now(blueprint.renamed_indexes, flag.definition);
    }
    sql.push_back(catalog::require_flags_sql(context.pair.shadow_oid,
                                             shadow::expected_flags(flags, blueprint.flags, context.pair.mapping)));
    plan.after_commit = carried.after_commit;
    for (auto& statement : validated_meanwhile(context, blueprint)) plan.after_commit.push_back(std::move(statement));
    co_return plan;
}

}  // namespace pgwraith::carry
