// `pgwraith plan` of an expansion.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/migration/migration.h"
#include "state.h"

namespace pgwraith::migration {

// REQUIRES: a session for rows that has not been given anything, outside of a transaction.
Task<Plan> plan_expand(postgres::Connection& connection, const config::Settings& settings, Oid oid);

}  // namespace pgwraith::migration
