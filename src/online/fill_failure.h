// The rows of which a fill cannot write the values, found by trying them.
#pragma once

#include <string>
#include <vector>

#include "fill_statements.h"
#include "pgwraith/base/error.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// A value that cannot be computed or does not fit, a constraint, a trigger that raises: a row is the reason.
bool is_of_a_row(const postgres::PgError& error);

// The error that stops the fill, with the keys of up to five rows of the range. What is tried is rolled back.
Task<Error> fill_refused(postgres::Connection& connection, Oid table, FillText text, transfer::BlockRange range,
                         postgres::PgError error);

}  // namespace pgwraith::online
