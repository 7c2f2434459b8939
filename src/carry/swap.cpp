#include "pgwraith/carry/swap.h"

#include <fmt/format.h>

#include "carriers.h"
#include "lay_out.h"
#include "pgwraith/base/names.h"
#include "pgwraith/catalog/flags.h"
#include "pgwraith/shadow/flags.h"

namespace pgwraith::carry {

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

    auto plan = lay_out(std::move(carried), context, blueprint);
    // An event trigger that acts on the swap's own statements is noticed before the commit.
    auto flags = co_await catalog::read_flags(connection, context.live.oid);
    if (context.identity) catalog::set_identity(flags, *context.identity);
    for (auto& flag : flags) {
        if (flag.about == "CLUSTER mark")
            flag.definition = shadow::name_now(blueprint.renamed_indexes, flag.definition);
    }
    plan.differing_flags = catalog::differing_flags_sql(
        context.pair.shadow_oid, shadow::expected_flags(flags, blueprint.flags, context.pair.mapping));
    co_return plan;
}

}  // namespace pgwraith::carry
