// What the shadow is given before the copy and what the swap has to finish.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// What the owner needs for our work and may have been denied on the live table (empty: nothing). The shadow has it
// until the swap, which takes it away again.
std::vector<std::string> denied_to_owner(const catalog::Table& live);

// Extended statistics have names of their own: until the swap the shadow's are in its schema, under this name (two
// of the live table's may be of one name in different schemas).
std::string stand_in_name(const catalog::Table& live, const catalog::Statistics& statistics);

// Makes them, in the caller's transaction, before the user's statements: a dropped column takes along those that it
// takes along on the live table.
Task<void> create_statistics(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

}  // namespace pgwraith::shadow
