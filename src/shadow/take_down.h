// Takes indexes and constraints off the empty shadow for the copy, and notes them for the build and the swap.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// The parts of the finished shadow, read from the shadow while it is empty.
Blueprint take_down(const catalog::Table& shadow);

// PostgreSQL lets a new foreign key stand on the oldest index that fits. Where there are several on the same columns,
// the one that it stands on while the shadow is empty, as after the plain statements, is to be the oldest again.
void build_first(Blueprint& blueprint, const QualifiedName& table);

// By an index that the user's statements have dropped.
bool identity_is_gone(const catalog::Table& shadow);

// Nothing that slows the copy, and nothing that binds new rows only: the copied ones are old.
Task<void> strip(postgres::Connection& connection, catalog::Table shadow);

}  // namespace pgwraith::shadow
