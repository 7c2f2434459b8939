// Privileges and statistics that the shadow gets before the copy, and that the swap completes.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"

namespace pgwraith::shadow {

// Privileges that our work needs and that the owner may have been denied on the live table (empty: none). The shadow's
// owner has them until the swap.
std::vector<std::string> denied_to_owner(const catalog::Table& live);

// Statements, one after the other in one text, that give the shadow the live table's privileges, those of its columns,
// identity sequences and row type too, item by item. Reads, but for that nothing. Default privileges of our role may
// have put grants on the shadow that the live table lacks: they go.
Task<std::string> privileges_sql(postgres::Connection& connection, catalog::Table live, catalog::Table shadow,
                                 plan::Mapping mapping);

// Extended statistics have names of their own: until the swap the shadow's are in its schema, under this name (two
// of the live table's may be of one name in different schemas).
std::string stand_in_name(const catalog::Table& live, const catalog::Statistics& statistics);

// Makes them, in the caller's transaction, before the user's statements: a dropped column takes along those that it
// takes along on the live table.
Task<void> create_statistics(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

}  // namespace pgwraith::shadow
