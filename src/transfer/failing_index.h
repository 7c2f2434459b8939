// Why an index of the new table cannot be built, and because of which rows: found by trying them, a part of the shadow
// at a time, on an empty table that has the same index.
#pragma once

#include <string>

#include "pgwraith/postgres/sessions.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/shadow/pair.h"

namespace pgwraith::transfer {

// For a definitive error other than duplicates. `name`: "index t_x_idx"; `statement`: what failed. The error that stops
// the migration.
Task<Error> index_refused(const postgres::Sessions& sessions, shadow::Pair pair, std::string name,
                          std::string statement, postgres::PgError error, std::size_t limit = 5);

}  // namespace pgwraith::transfer
