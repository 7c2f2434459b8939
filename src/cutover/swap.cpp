#include "pgwraith/cutover/swap.h"

#include <fmt/format.h>

#include "pgwraith/base/names.h"

namespace pgwraith::cutover {

namespace {

// What the column is called in the new table; nullopt when it was dropped.
std::optional<std::string> new_name(const shadow::Pair& pair, const std::string& old_name) {
    for (const auto& column : pair.mapping.columns) {
        if (column.old_name == old_name) return column.name;
    }
    return std::nullopt;
}

// A serial's sequence stays where it is, with its OID: SET SCHEMA would carry it off with the old table. An identity's
// sequence cannot change tables: the new one takes the old one's place and value.
Carried carry_sequences(const CarryContext& context) {
    Carried carried;
    for (const auto& sequence : context.live.sequences) {
        const auto* column = context.live.column_at(sequence.column);
        auto name = column == nullptr ? std::nullopt : new_name(context.pair, column->name);
        if (!name) continue;
        if (sequence.identity) {
            // When the user took the identity away there is none to set.
            carried.after_move.push_back(fmt::format(
                "SELECT setval(to_regclass({0}), last_value, is_called) FROM {1} WHERE to_regclass({0}) IS NOT NULL",
                quote_literal(sequence.name.sql()), QualifiedName{context.old_schema, sequence.name.name}.sql()));
            continue;
        }
        carried.before_move.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY NONE", sequence.name.sql()));
        carried.after_move.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence.name.sql(),
                                                 context.live.name.sql(), quote_identifier(*name)));
    }
    return carried;
}

}  // namespace

void Carried::add(Carried other) {
    auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(lock_also, other.lock_also);
    append(before_move, other.before_move);
    append(after_move, other.after_move);
    append(after_commit, other.after_commit);
}

Task<SwapPlan> plan_swap(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint) {
    (void)connection;
    Carried carried = carry_sequences(context);

    SwapPlan plan;
    plan.lock_also = carried.lock_also;
    std::sort(plan.lock_also.begin(), plan.lock_also.end());
    auto& sql = plan.statements;
    sql = blueprint.at_swap_sql;
    sql.insert(sql.end(), carried.before_move.begin(), carried.before_move.end());
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", context.live.name.sql(), quote_identifier(context.old_schema)));
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", context.pair.shadow.sql(),
                              quote_identifier(context.live.name.schema)));
    sql.insert(sql.end(), carried.after_move.begin(), carried.after_move.end());
    plan.after_commit = carried.after_commit;
    co_return plan;
}

}  // namespace pgwraith::cutover
