// Objects that hang on the live table's OID, and the statements by which the swap puts them on the new table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgwraith/catalog/definition.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/shadow/pair.h"

namespace pgwraith::carry {

// The order in which the swap asks for its locks at first: the order in which applications take them.
enum class Turn {
    sequence,    // nextval() comes before the INSERT
    view,        // the outermost first
    before,      // tables, by name
    live,        // the table itself
    after_live,  // tables that applications reach through it
    shadow,      // nobody else's
};

// A relation that the swap locks in a mode above ROW EXCLUSIVE. Indexes are locked with their table and not listed.
struct Lock {
    Turn turn = Turn::before;
    std::string kind;  // table, view, materialized view, sequence
    QualifiedName name;
    std::string mode = "ACCESS EXCLUSIVE";
    // Takes the lock and does nothing else. Empty: our role may not take it by a statement of its own, or no other
    // session can hold it; then the swap's own statements take it.
    std::string statement;
};

Lock table_lock(Turn turn, QualifiedName name, bool may_lock = true);
// LOCK takes neither views nor sequences; giving one to the owner that it has does, and changes nothing.
Lock sequence_lock(QualifiedName name, const std::string& owner);

// What one kind of dependent contributes. The swap runs, in one transaction: the locks of all kinds,
// before_move of all kinds, the two SET SCHEMA, after_move of all kinds. After its commit: after_commit.
struct Carried {
    std::vector<Lock> locks;
    std::vector<std::string> before_move;  // the live table still has its name
    std::vector<std::string> after_move;   // the new table has the final name, the old one is in the old schema
    // Statements that may take long or fail, and need no lock on the live table (VALIDATE CONSTRAINT, REFRESH). Each
    // has a transaction of its own and is run again after a crash, so it must be harmless when it was done already.
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
    // Of the live table when the shadow was made, and now; both empty: the shadow is being made.
    catalog::Definition start = {};
    catalog::Definition now = {};
    // That the live table had before another one was borrowed; nullopt: it has its own.
    std::optional<catalog::ReplicaIdentity> identity = {};
};

}  // namespace pgwraith::carry
