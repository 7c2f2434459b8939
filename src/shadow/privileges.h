// Owner and privileges of the live table, given to the shadow while nobody waits for it.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"

namespace pgwraith::shadow {

// In the caller's transaction, after the user's statements. Default privileges of our role may have put grants on the
// shadow that the live table lacks: they go. Throws Error(refused) when the server does not let us.
Task<void> give_privileges(postgres::Connection& connection, catalog::Table live, catalog::Table shadow,
                           plan::Mapping mapping);

}  // namespace pgwraith::shadow
