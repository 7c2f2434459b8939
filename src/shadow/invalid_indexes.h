// Indexes that an interrupted CREATE INDEX or REINDEX CONCURRENTLY has left. They enforce nothing and serve no
// query: the new table does without them.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// On the shadow while the user's statements run, which may drop or rename them. Gives their OIDs.
Task<std::vector<Oid>> stand_in_invalid_indexes(postgres::Connection& connection, catalog::Table live,
                                                QualifiedName shadow);
// The invalid indexes that are left. Throws Error(refused) when a statement wants to use one.
Task<void> drop_invalid_indexes(postgres::Connection& connection, QualifiedName shadow, std::vector<Oid> made);

}  // namespace pgwraith::shadow
