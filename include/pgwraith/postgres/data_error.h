// Which failures are the data's: some row is their cause, and can be looked for.
#pragma once

#include "pgwraith/postgres/error.h"

namespace pgwraith::postgres {

// Class 22 (data exception), 23 (constraint violation) and what expressions of the user's raise. Pure.
bool is_data_error(const PgError& error);

}  // namespace pgwraith::postgres
