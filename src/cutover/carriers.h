// The kinds of dependents, each in a file of its own. All are called by plan_swap(), one after another, on a session
// without a lock, and only read.
#pragma once

#include "pgwraith/cutover/carry.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::cutover {

// What the column is called in the new table; nullopt when it was dropped.
std::optional<std::string> new_column_name(const shadow::Pair& pair, const std::string& old_name);

// Serial's and identity's sequences: they go on where they stopped, with owner, privileges, comment, persistence.
Task<Carried> carry_sequences(postgres::Connection& connection, CarryContext context);

}  // namespace pgwraith::cutover
