// The moment that now() and its like mean in all rows.
#pragma once

#include "pgwraith/plan/moments.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// That of the transaction, or of this question outside of one. REQUIRES: a session for rows: its zone counts.
Task<plan::Moment> read_moment(postgres::Connection& connection);

}  // namespace pgwraith::shadow
