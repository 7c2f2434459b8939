#include "lay_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/carry/orphans.h"

namespace pgwraith::carry {

namespace {

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

// Tables by name, the same in every migration; each relation once, at its first turn.
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

SwapPlan lay_out(Carried carried, const CarryContext& context, const shadow::Blueprint& blueprint) {
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
    plan.after_commit = carried.after_commit;
    for (auto& statement : validated_meanwhile(context, blueprint)) plan.after_commit.push_back(std::move(statement));
    return plan;
}

}  // namespace pgwraith::carry
