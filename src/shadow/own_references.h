// References of the shadow to the live table.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// 'orders'::regclass, NULL::orders … in a default, a CHECK or an index are kept by OID. A reference that LIKE has
// copied, or that was parsed while the name meant the live table, would mean the old table after the swap. So such an
// object is made again with the shadow's name. In the caller's transaction, after the user's statements. Throws
// Error(refused) for an object that cannot be made again so.
Task<void> mean_the_shadow(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

}  // namespace pgwraith::shadow
