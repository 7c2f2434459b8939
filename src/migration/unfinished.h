// What of earlier migrations of a table is not finished.
#pragma once

#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

// Each is a reason against another migration: what stands in the database, a process that works at the table, an
// expansion, a migration without a shadow that the state directory holds.
Task<std::vector<Plan::Reason>> unfinished(postgres::Connection& connection, config::Settings settings, Oid table);

// For an abort that has found nothing of its own. Throws Error(stopped): a process works at the table, or it is
// expanded, and the state directory of that is not this one.
Task<void> refuse_begun_elsewhere(postgres::Connection& connection, const postgres::Sessions& sessions,
                                  config::Settings settings);

}  // namespace pgwraith::migration
