// The foreign keys of and to the live table, tried on the shadow while it is empty.
#pragma once

#include <vector>

#include "pgwraith/base/real_names.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// An empty table that plays another one while the user's statements run. It has the other one's name, in a schema of
// its own, so that what the server says reads as if it were about that one.
struct StandIn {
    QualifiedName table;  // no name: a key that refers to its own table
    QualifiedName other;
    std::string constraint;  // the live table's key, or the key to it; empty: made for the user's new ones
};

// For what the server says of them.
RealNames real_names(const std::vector<StandIn>& stand_ins);

// For the tables that the user's statements refer to. Throws Error(refused) in the server's words when there is none.
Task<std::vector<StandIn>> stand_in_references(postgres::Connection& connection, plan::UserSql sql);

// Indexes of the live table that foreign keys stand on. PostgreSQL takes the oldest that fits: they are to be that.
Task<std::vector<Oid>> referenced_indexes(postgres::Connection& connection, Oid live);

// Puts every foreign key of and to `live` on the shadow, with an empty table of the shadow's schema in the place of
// the other one, so that the server itself judges what the user's statements do to them and no other table is locked.
Task<std::vector<StandIn>> stand_in_foreign_keys(postgres::Connection& connection, catalog::Table live,
                                                 QualifiedName shadow);

// What became of them, and the user's new ones; takes all of them off again.
Task<std::vector<ForeignKey>> take_foreign_keys(postgres::Connection& connection, QualifiedName live,
                                                QualifiedName shadow, std::vector<StandIn> stand_ins);

}  // namespace pgwraith::shadow
