// Whether an expression is a function of its row.
#pragma once

#include <string>
#include <vector>

#include "syntax_tree.h"

namespace pgwraith::plan {

// The relations that subqueries read, as they are written, WITH queries apart. Empty: as far as the text tells, the
// value depends on the row alone.
std::vector<std::string> relations_read(SyntaxTree& expression);

}  // namespace pgwraith::plan
