// ALTER SEQUENCE … OWNED BY a column of the table.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/statements.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// The column owns it, and nothing else is asked for: as ORMs print it.
bool says_what_is_so(const plan::SequenceChange& asked, const catalog::Table& live);

// What the server would refuse of the new owner. It is not tried: nobody could draw a number meanwhile. `schema`: of
// the stand-in, which may have the sequence. REQUIRES: asked.owned_by.
Task<std::optional<catalog::Refusal>> refuse_owner(postgres::Connection& connection, catalog::Table live,
                                                   std::string schema, plan::SequenceChange asked, int line);

}  // namespace pgwraith::online
