// Undoes what event triggers of the database do to a new table. The shadow must be a copy of the live table.
#pragma once

#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// Row level security, triggers, rules, policies and publications: what the live table has of them comes in the swap. In
// the caller's transaction.
Task<void> take_off_additions(postgres::Connection& connection, QualifiedName shadow);

// Throws Error(refused) when the shadow, before the user's statements, is not what was asked for.
Task<void> require_same(postgres::Connection& connection, catalog::Table live, QualifiedName shadow,
                        std::vector<catalog::EventTrigger> event_triggers);

// In words, each; empty: the copy is one. Names of indexes and constraints, not their texts, are compared.
std::vector<std::string> differences(const catalog::Table& live, const catalog::Table& copy);

}  // namespace pgwraith::shadow
