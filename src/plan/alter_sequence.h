// ALTER SEQUENCE of a sequence that a column of the table owns.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/plan/statements.h"
#include "place.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

// What the statement asks for; that the sequence is the table's only the catalog tells. `sql` and `tokens` are the
// whole user text, `end` the statement's end in it.
SequenceChange take_alter_sequence(const PgQuery__AlterSeqStmt& statement, const std::string& sql,
                                   const std::vector<Token>& tokens, std::size_t end, const Place& place);

}  // namespace pgwraith::plan
