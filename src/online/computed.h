#pragma once

#include <optional>
#include <string>

#include "pgwraith/plan/parts.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// What the column that the part adds or fills has in old rows from then on (plan::Part::computed). REQUIRES: the part
// was done on the stand-in, in the transaction that is open.
Task<std::optional<std::string>> find_computed(postgres::Connection& connection, Oid live, plan::Part part,
                                               QualifiedName stand_in);

}  // namespace pgwraith::online
