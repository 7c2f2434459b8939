// Roles that may dump the database can go on doing so: pg_dump reads every schema, ours too, with the role's rights.
#pragma once

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// Lets every role that could dump all the rest of the database, and may read all rows of `live`, read `copy` too: the
// shadow, or the old table, in its schema of ours. No other role, and nothing more than the role may read of `live`.
// Grants that the server refuses are left out. REQUIRES: no transaction, or one in which savepoints may be made.
Task<void> let_dump(postgres::Connection& connection, Oid live, QualifiedName copy, bool in_transaction);

// Takes it back from roles that may no longer read `live`: else they could not be dropped because of us.
Task<void> forget_dumpers(postgres::Connection& connection, Oid live, QualifiedName copy);

}  // namespace pgwraith::migration
