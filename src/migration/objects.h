// What a migration makes in the database: found, named, dropped. Never anything else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// The comment of our schemas, by which they are known to be ours even without the state directory.
std::string schema_marker(const QualifiedName& table);

struct MadeObjects {
    Oid database = 0;
    Oid table = 0;  // the live table's OID at the start, which all names carry
    std::optional<std::string> new_schema;
    std::vector<QualifiedName> shadow_tables;  // in it
    std::optional<std::string> publication;
    std::optional<std::string> slot;
    std::vector<std::string> origins;

    bool empty() const { return !new_schema && !publication && !slot && origins.empty(); }
    std::vector<std::string> describe() const;
};

// What there is of migrations of this table; more than one only after the table was dropped and made again.
Task<std::vector<MadeObjects>> find_objects(postgres::Connection& connection, QualifiedName table);
// Of the one that began with that OID.
Task<MadeObjects> find_objects(postgres::Connection& connection, QualifiedName table, Oid oid);

// Drops slot, origins, publication, shadow and schema, in that order. Throws Error(stopped) when something that is not
// ours stands in the schema or depends on the shadow; what is named there is left alone.
Task<void> drop_objects(postgres::Connection& connection, MadeObjects objects);

}  // namespace pgwraith::migration
