// Without that the server refuses UPDATE and DELETE of a table that is published.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

// Does the server have something to identify rows by? Pure.
bool is_identified(const Table& table);

}  // namespace pgwraith::catalog
