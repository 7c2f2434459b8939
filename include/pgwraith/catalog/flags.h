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

// Fails, and names what differs, unless the flags of `table` are these. One statement, for a swap of catalogs.
std::string require_flags_sql(Oid table, const Definition& flags);
bool requires_flags(const std::string& statement);
bool is_of_flags(const postgres::PgError& error);

}  // namespace pgwraith::catalog
