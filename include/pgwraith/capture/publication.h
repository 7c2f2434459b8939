// The publication of the live table: made, silenced, dropped, without an error in anybody's UPDATE.
#pragma once

#include <string>

#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::capture {

// The publication of the one table, with its key columns only (all columns under REPLICA IDENTITY FULL, which a
// column list must cover).
// REQUIRES: catalog::choose_key() accepted the table: a publication that does not cover the replica identity makes the
// application's UPDATE and DELETE fail.
Task<Oid> create_publication(postgres::Connection& connection, std::string name, catalog::Table table,
                             catalog::Key key);

// From the next statement of any session on, the publication publishes nothing. Locks no table.
Task<void> silence_publication(postgres::Connection& connection, std::string name);

// Takes the table out of it first, unless the table is in the schema `retired`, where nobody writes it any more.
// Behind a VACUUM, an index build or the like of the table that takes long it throws a PgError (lock_not_available)
// that names the holder.
Task<void> drop_publication(postgres::Connection& connection, std::string name, Oid table, std::string retired);

}  // namespace pgwraith::capture
