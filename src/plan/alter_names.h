// What sub-commands of ALTER TABLE are called.
#pragma once

#include <string>

#include "syntax_tree.h"

namespace pgwraith::plan {

// "ADD COLUMN status"; empty for a sub-command that is not taken.
std::string summarize(const PgQuery__AlterTableCmd& command);

// "OWNER TO", for the refusal of a sub-command that is not taken.
std::string refused_name(PgQuery__AlterTableType subtype);

}  // namespace pgwraith::plan
