// Whether the throttle's settings, and those of the swap's moment, mean something to the server.
#pragma once

#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// Reasons to refuse. REQUIRES: a session for rows.
Task<std::vector<Plan::Reason>> check_throttle(postgres::Connection& connection, config::Settings settings);

}  // namespace pgwraith::migration
