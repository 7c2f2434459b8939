// Rows of the shadow are found by the key that is followed, whatever the change makes of the table's own indexes.
#pragma once

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// nullopt: an index of the shadow (as it is before its indexes are taken off) finds rows by the key and yields them in
// the key's order. Otherwise the one that must be built until the swap; that the server takes it is tried.
Task<std::optional<IndexPlan>> helper_index(postgres::Connection& connection, catalog::Table shadow,
                                            plan::Mapping mapping);

}  // namespace pgwraith::shadow
