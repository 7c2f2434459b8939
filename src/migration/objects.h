// The objects that a migration makes in the database: found, named, dropped. Never other objects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "borrowed_identity.h"
#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"
#include "state.h"

namespace pgwraith::migration {

// The comment of our schemas, by which they are known to be ours even without the state directory. That of the shadow's
// schema goes on with what replica identity the live table had.
std::string schema_marker(const QualifiedName& table);

Task<Oid> database_oid(postgres::Connection& connection);

struct MadeObjects {
    Oid database = 0;
    Oid table = 0;  // the live table's OID at the start, which all names carry
    std::optional<std::string> new_schema;
    std::vector<QualifiedName> shadow_tables;  // in it
    std::optional<std::string> publication;
    std::optional<std::string> slot;
    std::vector<std::string> origins;
    std::optional<BorrowedIdentity> borrowed;  // that of the live table, or what is recorded of it
    bool identity_is_borrowed = false;         // it has not been given back

    bool empty() const { return !new_schema && !publication && !slot && origins.empty() && !identity_is_borrowed; }
    std::vector<std::string> describe() const;
};

// The objects of all migrations of this table; more than one only after the table was dropped and made again.
Task<std::vector<MadeObjects>> find_objects(postgres::Connection& connection, QualifiedName table);
// Of the one that began with that OID. `recorded`: in the journal, used if the schema is gone.
Task<MadeObjects> find_objects(postgres::Connection& connection, QualifiedName table, Oid oid,
                               std::optional<BorrowedIdentity> recorded = std::nullopt);
// Of the migration that the store knows.
Task<MadeObjects> objects_of(postgres::Connection& connection, store::Store& store, Identity identity);

// Drops slot, origins and publication, gives the replica identity back, then drops shadow and schema. Returns what it
// was: without the replica identity, if that stays. A lock on the live table is waited for `lock_timeout` at a time.
// Throws Error(stopped) when something that is not ours stands in
// the schema or depends on the shadow; what is named there is left alone.
Task<MadeObjects> drop_objects(postgres::Connection& connection, MadeObjects objects, milliseconds lock_timeout);

}  // namespace pgwraith::migration
