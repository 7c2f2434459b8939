// The statements of the swap: catalog changes only, in order.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::carry {

struct SwapPlan {
    std::vector<Lock> locks;                // in the order in which they are tried first; each relation once
    std::vector<std::string> statements;    // under the lock, in one transaction
    std::string differing_flags;            // a query, after them: what the new table must not differ in, as one text
    std::vector<std::string> after_commit;  // see Carried
};

// Reads what hangs on the table (no lock) and lays the statements out. REQUIRES: a transaction; nothing of it stays.
Task<SwapPlan> plan_swap(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint);

// The two tables' moves: the live one into the old schema, the shadow in its place.
std::vector<std::string> move_sql(const QualifiedName& live, const shadow::Pair& pair, const std::string& old_schema);

// In the transaction that made the shadow: a table of our own goes the way of the swap and of the clearing up after it.
// Where the database has event triggers, each kind of command that the swap, its locks and what follows it consist of
// is run on something of our own, with the text of the swap, which an event trigger may look at. All of it is undone.
// Throws Error(refused) with what an event trigger or a missing right forbids. `carries`: check_carry() and the views
// have found nothing; if they have, there is no swap to plan, and only the table's way is rehearsed.
Task<void> rehearse(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                    std::vector<catalog::EventTrigger> event_triggers, bool carries);

// Whether one of these keys, old or added, need not hold for the new table's rows. Pure.
bool may_have_orphans(const shadow::Pair& pair, const std::vector<shadow::ForeignKey>& keys);

// Throws Error(stopped) with the rows of the table that its keys, old or added, would not allow. Reads the tables
// whole.
Task<void> refuse_orphans(postgres::Connection& connection, shadow::Pair pair, std::vector<shadow::ForeignKey> keys);

// What the swap may not do for lack of rights: catalog::Refused.
Task<void> check_rights(postgres::Connection& connection, Oid live);

// Inside the transaction that made the shadow: what hangs on the table will fit the new one. What uses a column that
// the change drops or renames, or cannot be made on the new table, is an Error(refused).
Task<void> check_carry(postgres::Connection& connection, CarryContext context);

}  // namespace pgwraith::carry
