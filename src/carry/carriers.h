// The kinds of dependents, each in a file of its own. All are called by plan_swap(), one after another, on a session
// without a lock, and only read.
#pragma once

#include <set>

#include "pgwraith/carry/carry.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::carry {

// What the column is called in the new table; nullopt when it was dropped.
std::optional<std::string> new_column_name(const shadow::Pair& pair, const std::string& old_name);

// Serial's and identity's sequences: they go on where they stopped. Defaults elsewhere that use them follow.
// `changes`: of the blueprint.
Task<Carried> carry_sequences(postgres::Connection& connection, CarryContext context,
                              std::vector<shadow::SequenceAtSwap> changes);

// Extended statistics: made with the shadow, and not moved by the table's SET SCHEMA.
Task<Carried> carry_statistics(postgres::Connection& connection, CarryContext context);
// The pure part; `shadow`: the new table before the swap.
Carried statistics_statements(const CarryContext& context, const catalog::Table& shadow);

// Triggers, rules, policies, row level security, membership in publications.
Task<Carried> carry_attached(postgres::Connection& connection, CarryContext context);
std::vector<std::string> row_security_sql(const catalog::Table& live, const std::string& target);
Task<Carried> leave_publications(postgres::Connection& connection, CarryContext context);

// Rules and policies of other relations that name this table.
Task<Carried> carry_foreign_rules(postgres::Connection& connection, CarryContext context);
Task<Carried> carry_foreign_policies(postgres::Connection& connection, CarryContext context);

// The live table's privileges, those of its columns, identity sequences and row type; first of all, before the move.
Task<Carried> carry_privileges(postgres::Connection& connection, CarryContext context);

// Comments, storage parameters, statistics targets … that were changed since the shadow was made. Call it late, when
// their objects stand. `at_swap`: the table's constraints that are added in the swap.
Task<Carried> carry_settings(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                             std::set<std::string> at_swap);

// Privileges that the owner has taken from itself. Call it last.
Carried carry_denied_privileges(const CarryContext& context);

// Whether they fit the new table, asked on stand-ins in the transaction that made the shadow: Error(refused), each
// named.
Task<void> try_foreign_rules(postgres::Connection& connection, CarryContext context);
Task<void> try_foreign_policies(postgres::Connection& connection, CarryContext context);

// Views, materialized views, SQL-standard functions. Before rules of other relations: those of a view that is dropped
// and created again need the view.
Task<Carried> carry_views(postgres::Connection& connection, CarryContext context);

// Of the table and to it.
Task<Carried> carry_foreign_keys(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint);

}  // namespace pgwraith::carry
