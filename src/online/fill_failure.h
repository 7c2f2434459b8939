// What is said of the rows of which a fill cannot write the values.
#pragma once

#include "fill_statements.h"
#include "pgwraith/base/error.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// The error that stops the fill, with the names of some rows of the range. What is tried is rolled back.
Task<Error> fill_refused(postgres::Connection& connection, Oid table, FillText text, transfer::BlockRange range,
                         postgres::PgError error);

}  // namespace pgwraith::online
