// What one sub-command of ALTER TABLE says, read from its tree and its text. Pure.
#pragma once

#include <string>
#include <vector>

#include "drafts.h"

namespace pgwraith::plan {

struct KindOf {
    PartKind kind;
    Pass pass;
};
// ADD COLUMN and ADD CONSTRAINT are `other` here.
KindOf kind_of(const PgQuery__AlterTableCmd& command);
KindOf kind_of(const PgQuery__Constraint& constraint);
// The name in the sub-command is a column's.
bool is_about_a_column(PartKind kind);

// The columns of the constraint, and what it refers to.
void add_columns_of(const PgQuery__Constraint& constraint, Part& part);
// What follows ADD CONSTRAINT name, in pieces. `what` begins with ADD.
void add_clauses(const std::string& what, Part& part);

// The names of all columns that a tree mentions.
std::vector<std::string> columns_in(ProtobufCMessage& message);

}  // namespace pgwraith::plan
