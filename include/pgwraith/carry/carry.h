// What hangs on the live table's OID and must take its place on the new table, as statements of the swap.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/shadow/pair.h"

namespace pgwraith::carry {

// What one kind of dependent contributes. The swap runs, in one transaction: LOCK of lock_also and the live table,
// before_move of all kinds, the two SET SCHEMA, after_move of all kinds. After its commit: after_commit.
struct Carried {
    std::vector<std::string> lock_first;    // statements that lock views, the outermost first, before all tables
    std::vector<QualifiedName> lock_also;   // tables besides the live one; merged, sorted, locked before it
    std::vector<QualifiedName> lock_after;  // tables that applications reach through the live one; after it
    std::vector<std::string> before_move;   // the live table still bears its name
    std::vector<std::string> after_move;    // the new table bears the final name, the old one is in the old schema
    // Long or failing things that need no lock on the live table (VALIDATE CONSTRAINT, REFRESH): one transaction each,
    // journaled, run again after a crash: so each must be harmless when it was done already.
    std::vector<std::string> after_commit;

    void add(Carried other);
};

// Read-only: called on a session without a lock, shortly before the swap; the definition check under the lock
// guarantees that what was read still holds.
struct CarryContext {
    catalog::Table live;
    shadow::Pair pair;
    std::string old_schema;
    config::Dependents dependents;
};

}  // namespace pgwraith::carry
