#include "pgwraith/carry/swap.h"

#include <fmt/format.h>

#include <set>

#include "carriers.h"
#include "pgwraith/base/names.h"
#include "pgwraith/carry/orphans.h"

namespace pgwraith::carry {

namespace {

// A constraint that was NOT VALID when the shadow was made, and binds new rows only, may have been validated since.
std::vector<std::string> validated_meanwhile(const CarryContext& context, const shadow::Blueprint& blueprint) {
    std::vector<std::string> sql;
    for (const auto& constraint : context.live.constraints) {
        if (!constraint.validated) continue;
        const auto added = fmt::format("ALTER TABLE {} ADD CONSTRAINT {} ", context.pair.shadow.sql(),
                                       quote_identifier(constraint.name));
        for (const auto& statement : blueprint.at_swap_sql) {
            if (!statement.starts_with(added) || !statement.ends_with(" NOT VALID")) continue;
            sql.push_back(validate_sql(context.live.name, constraint.name));
        }
    }
    return sql;
}

}  // namespace

void Carried::add(Carried other) {
    auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(lock_first, other.lock_first);
    append(lock_also, other.lock_also);
    append(lock_after, other.lock_after);
    append(before_move, other.before_move);
    append(after_move, other.after_move);
    append(after_commit, other.after_commit);
}

Task<SwapPlan> plan_swap(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint) {
    Carried carried = co_await carry_sequences(connection, context, blueprint.sequences);
    carried.add(co_await carry_statistics(connection, context));
    carried.add(co_await carry_views(connection, context));
    carried.add(co_await carry_attached(connection, context));
    carried.add(co_await carry_foreign_rules(connection, context));
    carried.add(co_await carry_foreign_policies(connection, context));
    carried.add(co_await carry_foreign_keys(connection, context, blueprint.foreign_keys));
    carried.add(carry_denied_privileges(context));

    SwapPlan plan;
    plan.lock_first = carried.lock_first;
    // One order for all, and each once.
    std::set<QualifiedName> tables(carried.lock_also.begin(), carried.lock_also.end());
    plan.lock_also.assign(tables.begin(), tables.end());
    const std::set<QualifiedName> before = std::move(tables);
    for (const auto& table : std::set<QualifiedName>(carried.lock_after.begin(), carried.lock_after.end())) {
        if (!before.contains(table)) plan.lock_after.push_back(table);
    }
    auto& sql = plan.statements;
    sql = blueprint.at_swap_sql;
    sql.insert(sql.end(), carried.before_move.begin(), carried.before_move.end());
    sql.push_back(
        fmt::format("ALTER TABLE {} SET SCHEMA {}", context.live.name.sql(), quote_identifier(context.old_schema)));
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", context.pair.shadow.sql(),
                              quote_identifier(context.live.name.schema)));
    sql.insert(sql.end(), carried.after_move.begin(), carried.after_move.end());
    plan.after_commit = carried.after_commit;
    for (auto& statement : validated_meanwhile(context, blueprint)) plan.after_commit.push_back(std::move(statement));
    co_return plan;
}

}  // namespace pgwraith::carry
