// What the old columns have, for the new ones: indexes and constraints as the plain RENAME and ALTER TYPE would make
// them.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/online/plan_expansion.h"

namespace pgwraith::online {

// Adds to `plan` its twins and their parts. REQUIRES: a transaction, which is left with a stand-in of that name.
Task<void> plan_twins(postgres::Connection& connection, catalog::Table live, QualifiedName stand_in,
                      ExpansionPlan& plan);

// For each new column that replaces one: the default that it is to have, by its name; empty: none. REQUIRES: likewise.
Task<std::map<std::string, std::string>> defaults_after(postgres::Connection& connection, catalog::Table live,
                                                        QualifiedName stand_in, Expansion expansion);

// Foreign keys on the old columns, and the table that each refers to.
Task<std::map<std::string, QualifiedName>> read_references(postgres::Connection& connection, Expansion expansion);

}  // namespace pgwraith::online
