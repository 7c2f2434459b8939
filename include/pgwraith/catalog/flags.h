// A table's settings besides its columns, constraints and indexes: owner, privileges, row security, storage parameters,
// replica identity and the like, and the settings of its columns. Cheap enough to be read under a lock.
#pragma once

#include <string>

#include "pgwraith/catalog/definition.h"

namespace pgwraith::catalog {

// A query with the columns about, name, definition, as in a Fact. What is absent has no row; an order that means
// nothing (of privileges, of parameters) is left out.
std::string flags_sql(Oid table);

Task<Definition> read_flags(postgres::Connection& connection, Oid table);

// The flags of the same table with another replica identity.
void set_identity(Definition& flags, const ReplicaIdentity& identity);

// A query for the flags of `table` that are not these: one text, NULL if there are none.
std::string differing_flags_sql(Oid table, const Definition& flags);
// The same in words.
std::string flags_differ(const std::string& which);

}  // namespace pgwraith::catalog
