#pragma once

#include <optional>

#include "pgwraith/plan/parts.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// Every name in it is qualified. nullopt: it is not unique, or GROUP BY compares in another way than the index does.
Task<std::optional<plan::UniqueKey>> read_unique_key(postgres::Connection& connection, Oid index);

}  // namespace pgwraith::online
