// The sub-commands of one ALTER TABLE as parts, before it is known which columns are filled in place.
#pragma once

#include <vector>

#include "pgwraith/plan/parts.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

// In which order the server runs the sub-commands of one ALTER TABLE, whatever the order in which they are written
// (AlterTablePass in tablecmds.c). What is divided from ADD COLUMN for a fill comes right behind the columns.
enum class Pass { drop, alter_type, add_column, fill, column_attributes, add_index, add_constraint, rest };

struct Draft {
    Pass pass = Pass::rest;
    Part part;
    std::size_t command = 0;  // that it came from, in its statement
    // Of ADD COLUMN: what stands for it when old rows are filled in place: the bare column, its default, NOT NULL. The
    // fill's place is behind the default.
    std::vector<Draft> when_filled = {};
};

// REQUIRES: `text` is one ALTER TABLE of `table` that parse_user_sql() takes.
std::vector<Draft> draft_alter_table(const std::string& text, const QualifiedName& table, int line);

// It is COALESCE(column, …).
bool keeps_what_is_there(const std::string& expression, const std::string& column);

}  // namespace pgwraith::plan
