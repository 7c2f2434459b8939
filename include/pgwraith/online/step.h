// What a change without a shadow consists of: steps, made from the parts of the user's SQL by recipes, recorded as a
// list before the first one is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"

namespace pgwraith::online {

enum class StepKind {
    locked,        // statements in one transaction, under locks that are waited for in a bounded way
    check,         // queries that must give no row: a row is a sentence that says why not
    validate,      // VALIDATE CONSTRAINT: reads the table, SHARE UPDATE EXCLUSIVE
    create_index,  // CREATE INDEX CONCURRENTLY
    drop_index,    // DROP INDEX CONCURRENTLY
    fill,          // columns, in chunks
    analyze,
};

// What a rehearsal does with a step.
enum class InRehearsal {
    made,      // as it is; an abort takes it back
    tried,     // its statements are rolled back: they cannot be taken back, or bind the application
    locked,    // its lock is asked for, and no more: its statements need what is not made
    left_out,  // likewise, and there is no lock that others wait for
};

// On disk: do not rename the members.
struct TableLock {
    QualifiedName table;
    std::string mode;  // "ACCESS EXCLUSIVE", as LOCK TABLE takes it

    bool operator==(const TableLock&) const = default;
};
// Of both the stronger mode for each table.
void join_locks(std::vector<TableLock>& to, const std::vector<TableLock>& from);

// On disk: do not rename the members.
struct FilledColumn {
    std::string column;
    std::string expression;  // over the row

    bool operator==(const FilledColumn&) const = default;
};

// On disk: do not rename the members.
struct Step {
    StepKind kind = StepKind::locked;
    std::string what;                          // for people: "ADD COLUMN status"
    std::vector<std::string> statements = {};  // in order
    std::vector<std::string> undo = {};        // statements that take it back, in order
    std::string kept = {};              // what of it cannot be taken back: "the values of column a"; empty: nothing
    std::vector<TableLock> locks = {};  // of `locked`, the live table's first; its undo takes the same
    std::string index = {};             // of create_index, drop_index, and of a check for it: in the table's schema
    std::vector<FilledColumn> fills = {};
    InRehearsal in_rehearsal = InRehearsal::made;  // of a rehearsal's list; made in others
    std::string why = {};                          // it is not made, for people

    bool operator==(const Step&) const = default;

    // On the live table, for people: "ACCESS EXCLUSIVE".
    std::string lock() const;
    bool stops_writers() const;  // of any table, for however short
    bool stops_readers() const;  // takes ACCESS EXCLUSIVE on the live table, for however short
};

enum class StepState {
    waiting,
    begun,    // it may have been done
    done,     // it is in effect
    undoing,  // it may have been taken back
    undone,   // as if it was never begun
};

// On disk: do not rename the members.
struct StepRecord {
    StepState state = StepState::waiting;
    Xid xid = 0;  // of the last try, of a step that is locked or taken back: pg_xact_status() knows whether it happened

    bool operator==(const StepRecord&) const = default;
};

}  // namespace pgwraith::online
