// Tells whether anybody has altered the table, or what hangs on it, since it was read. Used under the cutover's lock,
// where reading the whole definition would take too long.
#pragma once

#include <map>
#include <string>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

struct Fingerprint {
    Oid table = 0;
    std::string objects;                          // OIDs, as an array: the table with its parts, and what hangs on it
    std::string neighbours;                       // likewise: tables of which only the name and the owner matter
    std::map<std::string, std::string> versions;  // of their rows, by catalog
};

// Of the caller's snapshot. With the definition and the plan of the swap read in the same REPEATABLE READ transaction:
// the texts of definitions (pg_get_viewdef …) are always the newest, but one that is newer than the snapshot has left a
// row of another version behind.
Task<Fingerprint> take_fingerprint(postgres::Connection& connection, Oid table);

// The catalogs in which something is different by now ("pg_trigger, pg_class"); empty: nothing is. Not what changes by
// itself: statistics, the size, what VACUUM writes in place.
Task<std::string> changed_since(postgres::Connection& connection, Fingerprint fingerprint);

// The same in two steps. The query is planned when it runs for the first time in a session, which takes most of its
// time, and again after whatever makes the server forget all of its plans, as CREATE SCHEMA does.
Task<void> prepare_changed_since(postgres::Connection& connection, Fingerprint fingerprint);
Task<std::string> changed_since_prepared(postgres::Connection& connection, Fingerprint fingerprint);

}  // namespace pgwraith::catalog
