// Who else has to do with the table while it is expanded.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/online/expansion.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// Triggers that see the fill, or do not see what a new version writes; subscribers.
Task<std::vector<std::string>> warn_of_company(postgres::Connection& connection, Expansion expansion);

}  // namespace pgwraith::online
