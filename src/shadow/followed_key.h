// Rows of the shadow are found by the key that is followed, whatever the change makes of the table's own indexes.
#pragma once

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

struct KeyIndexes {
    // nullopt: an index of the shadow finds rows by the key and yields them in the key's order. Otherwise the one that
    // must be built until the swap; that the server takes it is tried.
    std::optional<IndexPlan> helper;
    // One unique index is on these columns, and calls the same keys equal: ON CONFLICT can go by it. Beside another
    // one, which calls more keys equal, a row would be overwritten that is not the key's.
    bool arbiter = false;
};
// Of the shadow as it is before its indexes are taken off.
Task<KeyIndexes> indexes_of_key(postgres::Connection& connection, catalog::Table shadow, plan::Mapping mapping);

}  // namespace pgwraith::shadow
