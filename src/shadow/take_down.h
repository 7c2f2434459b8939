// What the empty shadow has is written down for the build and the swap, then taken off for the copy.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// What the finished shadow is to have, from what it has while it is empty.
Blueprint take_down(const catalog::Table& shadow);

// PostgreSQL lets a new foreign key stand on the oldest index that fits. Where there are several on the same columns,
// the one that it stands on while the shadow is empty, as after the plain statements, is to be the oldest again.
void build_first(Blueprint& blueprint, const QualifiedName& table);

// By an index that the user's statements have dropped.
bool identity_is_gone(const catalog::Table& shadow);

// Nothing that slows the copy, and nothing that binds new rows only: the copied ones are old.
Task<void> strip(postgres::Connection& connection, catalog::Table shadow);

}  // namespace pgwraith::shadow
