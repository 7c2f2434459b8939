// What of the shadow means the live table.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// 'orders'::regclass, NULL::orders … in a default, a CHECK, an index are kept by OID: what LIKE has copied, and what
// was parsed while the name meant the live table, would go on to mean the old table after the swap. So it is made again
// with the shadow's name, and its OID goes along. In the caller's transaction, after the user's statements. Throws
// Error(refused) for what cannot be made again so.
Task<void> mean_the_shadow(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

}  // namespace pgwraith::shadow
