// What is left to do when the swap is done.
#pragma once

#include <string>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// The swap stands whatever becomes of it: what fails is logged as an error, with the statement to run by hand.
// Throws PgError only when the connection is lost.
Task<void> run_after_commit(postgres::Connection& connection, std::string statement);

}  // namespace pgwraith::migration
