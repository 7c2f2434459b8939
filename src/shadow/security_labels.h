// Security labels of the live table, its columns, identity sequences and row type.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// In the caller's transaction, before the user's statements, so that a renamed column takes its labels along and a
// dropped one does not. Throws Error(refused) when a provider does not take its label or is not loaded.
Task<void> give_security_labels(postgres::Connection& connection, catalog::Table live, QualifiedName shadow);

}  // namespace pgwraith::shadow
