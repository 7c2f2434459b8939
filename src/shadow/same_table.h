// An empty table that is as the live one is.
#pragma once

#include <string>

#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// Columns and all that is said about them.
Task<void> create_table(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

// Indexes and constraints, so that the user's statements find and change them. Throws Error(refused) for what the
// server does not take again; `search_path` is named then.
Task<void> create_parts(postgres::Connection& connection, catalog::Table live, QualifiedName shadow,
                        std::string search_path);

}  // namespace pgwraith::shadow
