// What `expand` comes down to on a certain table: asked of the server, on an empty table of the same shape.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/online/contraction.h"
#include "pgwraith/online/expansion.h"
#include "pgwraith/online/recipes.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

struct ExpansionPlan {
    Expansion expansion;
    std::vector<std::string> add_columns;  // the new columns, with what the old ones have besides constraints
    std::vector<plan::Part> parts;         // of the new columns, once they are filled: what the old ones have
    std::vector<plan::Part> fills;
    Inheritance inheritance;  // as it would be now
    // Columns of which old rows may be such that nothing can be computed from them: looked for before anything is made.
    std::vector<std::string> may_fail;
    std::vector<catalog::Refusal> refusals;
    std::vector<std::string> warnings;
};

// Everything that it makes it makes in a transaction of its own, in `schema`, and rolls back. REQUIRES: a session for
// rows, outside of a transaction; the table may be expanded as far as catalog::check_table() can tell.
Task<ExpansionPlan> plan_expansion(postgres::Connection& connection, catalog::Table live,
                                   std::vector<config::ExpandColumn> wanted, std::string schema);

// The steps, in order. REQUIRES: no refusals. `facts`: of the plan's parts.
std::vector<Step> expand_steps(const ExpansionPlan& plan, const catalog::Table& live, int server_version,
                               const Facts& facts);

// Throws Error(refused) when the table has the trigger of an expansion.
Task<void> refuse_expanded(postgres::Connection& connection, Oid table);

// What depends on the old columns and does not go with them: in words, the server's, a line each.
Task<std::vector<std::string>> read_users_of_columns(postgres::Connection& connection, Expansion expansion);

}  // namespace pgwraith::online
