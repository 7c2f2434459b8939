// Statements of a pasted script that have nothing to do here: what stands around the changes, not the changes.
#pragma once

#include <optional>
#include <string>

#include "place.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

// Why the statement can be left out, as a sentence's end ("the new table takes the old one's place in one
// transaction"); nullopt: it cannot. Throws Error(refused) for those of its kind that would mean something.
std::optional<std::string> reason_to_leave_out(const PgQuery__Node& statement, const Place& place);

}  // namespace pgwraith::plan
