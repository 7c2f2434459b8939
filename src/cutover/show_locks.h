// For tests: what the swap has locked, beside what its plan says.
#pragma once

#include <map>
#include <string>

#include "pgwraith/carry/swap.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::cutover {

// The environment has PGWRAITH_SHOW_LOCKS. Otherwise nothing is asked of the server.
bool locks_are_shown();

// Before the swap's statements: the relations that the plan's names mean. Afterwards they have other names.
Task<std::map<Oid, std::string>> planned_relations(postgres::Connection& connection, carry::SwapPlan plan);

// At the end of the swap: one line for the log, a JSON object with `planned` and `held`.
Task<std::string> locks_held(postgres::Connection& connection, std::map<Oid, std::string> planned);

}  // namespace pgwraith::cutover
