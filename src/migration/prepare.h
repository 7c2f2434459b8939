// Before the copy: empty shadow, publication and slot.
#pragma once

#include <memory>

#include "board.h"
#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/postgres/replication.h"
#include "state.h"

namespace pgwraith::migration {

// For carry::check_carry() and plan_swap(): the table and the shadow just made for it.
carry::CarryContext carry_context(const catalog::Table& live, const shadow::Blueprint& blueprint,
                                  const MigrationNames& names, const config::Settings& settings);

// While nothing but an empty shadow was made, what the server refuses for good is a refusal of ours, and no error of
// the server stands alone. Throws in any case.
[[noreturn]] void rethrow_as_refusal(const std::exception_ptr& failure,
                                     const std::vector<catalog::EventTrigger>& event_triggers);

// Throws Error(refused) naming the views and functions on the table that the change leaves no way for.
Task<void> check_views(postgres::Connection& connection, config::Settings settings, catalog::Table live,
                       shadow::Blueprint blueprint);

// Makes everything, records it, and leaves the migration in phase copy. Leftovers of an earlier try of the same
// migration are dropped first. Returns the session that holds the slot, for the change stream.
Task<std::unique_ptr<postgres::ReplicationStream>> prepare(const postgres::Sessions& sessions, store::Store& store,
                                                           Board& board, Identity identity);

// Reads the live table's blocks and file node under a lock that keeps TRUNCATE out, with the position from which a
// TRUNCATE is news. REQUIRES: the slot exists (docs/architecture.md, invariant 1).
Task<CopyStart> begin_copy(postgres::Connection& connection, Oid live);

}  // namespace pgwraith::migration
