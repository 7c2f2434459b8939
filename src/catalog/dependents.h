// The one statement that finds what hangs on a table; also part of read_definition().
#pragma once

#include <string>
#include <string_view>

#include "pgwraith/base/lsn.h"
#include "pgwraith/catalog/preflight.h"

namespace pgwraith::catalog {

// Common table expressions (without WITH), the last of them
// `dependents (kind, classid, objid, identity)`; `$table` stands for the OID. What the migration of the table
// itself makes (its publication, everything in its two schemas) is left out.
std::string_view dependents_cte();

// Throws Error(internal) when there is no such kind.
DependentKind dependent_kind(std::string_view sql_name);

}  // namespace pgwraith::catalog
