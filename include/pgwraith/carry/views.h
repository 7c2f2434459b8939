// Whether the views and functions on the table can follow the change.
#pragma once

#include <vector>

#include "pgwraith/catalog/preflight.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::carry {

// The views, materialized views and functions that the swap cannot take along, each by name; if there are none, those
// that the server refuses to make on the new table, in the server's words. `shadow` is the new table, empty: they are
// tried on it, in the transaction that made it, and all of it is undone.
Task<std::vector<catalog::Refusal>> check_views(postgres::Connection& connection, catalog::Table live,
                                                catalog::Table shadow, shadow::Blueprint blueprint,
                                                config::Dependents dependents);

}  // namespace pgwraith::carry
