// The foreign keys of and to the live table, tried on the shadow while it is empty.
#pragma once

#include <vector>

#include "pgwraith/base/real_names.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// A foreign key of the live table, or to it, with what says so in the shadow's schema.
struct StandIn {
    QualifiedName table;  // the empty table that plays the other one; no name: the key refers to its own table
    QualifiedName other;
    std::string constraint;
};

// For what the server says of them.
RealNames real_names(const std::vector<StandIn>& stand_ins);

// Puts every foreign key of and to `live` on the shadow, with an empty table of the shadow's schema in the place of
// the other one, so that the server itself judges what the user's statements do to them and no other table is locked.
Task<std::vector<StandIn>> stand_in_foreign_keys(postgres::Connection& connection, catalog::Table live,
                                                 QualifiedName shadow);

// What became of them, and the user's new ones; takes all of them off again.
Task<std::vector<ForeignKey>> take_foreign_keys(postgres::Connection& connection, QualifiedName live,
                                                QualifiedName shadow, std::vector<StandIn> stand_ins);

}  // namespace pgwraith::shadow
