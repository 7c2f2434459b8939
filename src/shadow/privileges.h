// The owner of the live table, given to the shadow while nobody waits for it.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"

namespace pgwraith::shadow {

// In the caller's transaction, after the user's statements. Nobody else gets a right on the shadow before the swap:
// roles and their rights may come and go until then. What the swap will say for them is tried. Throws Error(refused)
// when the server does not let us.
Task<void> give_owner(postgres::Connection& connection, catalog::Table live, catalog::Table shadow,
                      plan::Mapping mapping);

}  // namespace pgwraith::shadow
