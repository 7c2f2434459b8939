// Views, materialized views and SQL-standard functions.
//
// A view is bound to the old table's OID; CREATE OR REPLACE with its own text, once the name means the new table, binds
// it anew and keeps its OID with all that hangs on it. Where its output changes with the table that is refused by the
// server: then it is dropped before and created after, and so is everything that refers to it.
#include "carriers.h"
#include "renamed_views.h"
#include "view_swap.h"

namespace pgwraith::carry {

Task<Carried> carry_views(postgres::Connection& connection, CarryContext context) {
    const auto shadow = co_await catalog::read_table(connection, context.pair.shadow_oid);
    const auto found = co_await read_views(connection, context.live.oid);
    const auto& mapping = context.pair.mapping;
    const auto nodes = co_await with_renamed_columns(connection, context.live, mapping, found);
    const auto fates = fates_of(nodes, changes_of(context.live, shadow, mapping), context.dependents);
    co_return view_statements(nodes, fates, context.old_schema);
}

}  // namespace pgwraith::carry
