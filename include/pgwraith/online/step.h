// What a change without a shadow consists of: steps, made from the parts of the user's SQL by recipes, recorded as a
// list before the first one is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"
#include "pgwraith/store/document.h"

namespace pgwraith::online {

enum class StepKind {
    locked,        // statements in one transaction, under a lock that is waited for in a bounded way
    check,         // a query that must give no row: what it gives is why not (nothing was changed yet)
    validate,      // VALIDATE CONSTRAINT: reads the table, SHARE UPDATE EXCLUSIVE
    create_index,  // CREATE INDEX CONCURRENTLY
    drop_index,    // DROP INDEX CONCURRENTLY
    fill,          // a column, in chunks
    analyze,
};

// On disk: do not rename the members.
struct Step {
    StepKind kind = StepKind::locked;
    std::string what;                      // for people: "add column status"
    std::vector<std::string> statements;   // in order; of `check` and `fill`: docs/formats.md
    std::vector<std::string> undo;         // statements that take it back, in order; empty: nothing is left of it
    std::string kept;                      // why it cannot be taken back (then undo is empty): "the dropped column's values"
    std::string lock;                      // on the live table, for people
    std::vector<QualifiedName> tables;     // that a `locked` step locks besides the live table
    std::string index;                     // of create_index, drop_index: qualified by the table's schema
    std::string column;                    // of fill
    std::string expression;                // of fill
};

enum class StepState { waiting, begun, done, undone };

// On disk: do not rename the members.
struct StepRecord {
    StepState state = StepState::waiting;
    Xid xid = 0;  // of a locked step: pg_xact_status() knows whether it happened
};

}  // namespace pgwraith::online
