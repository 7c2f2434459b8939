// Conditions on a table's replica identity, and the message that changes it. Pure.
#pragma once

#include <string>

#include "pgwraith/base/units.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::migration {

// The SQLSTATE of change_identity_sql() if the table does not meet the condition.
inline constexpr const char* not_as_recorded = "PGWID";

// `oid` and `name`: of an index, as SQL. REINDEX CONCURRENTLY keeps an index's name and changes its OID, RENAME the
// contrary.
std::string is_same_index(const std::string& oid, const std::string& name, const catalog::ReplicaIdentity& identity);

// A condition on pg_class c: the table has that replica identity.
std::string has_identity(const catalog::ReplicaIdentity& identity);

// A condition on pg_class c: the table has that replica identity, or somebody has dropped its index.
std::string has_identity_or_its_rest(const catalog::ReplicaIdentity& identity);

struct IdentityChange {
    std::string condition;  // on pg_class c, for the table as it is
    catalog::ReplicaIdentity to;
    std::string record;  // further statements, each with a semicolon before it
};

// One message: if we die while it runs, the server still runs it to its end. The limits hold for each statement, and
// for what event triggers do in it.
std::string change_identity_sql(Oid table, const QualifiedName& name, const IdentityChange& change,
                                milliseconds lock_timeout);

}  // namespace pgwraith::migration
