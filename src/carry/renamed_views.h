// Views and functions when columns are renamed.
#pragma once

#include "pgwraith/carry/carry.h"
#include "pgwraith/config/settings.h"
#include "view_graph.h"

namespace pgwraith::carry {

// Those of `nodes` that use a renamed column get the definition that the server has for them after the renaming, as
// ALTER TABLE … RENAME COLUMN would leave them: the names of a view's own columns stay. Tried on stand-ins, all of it
// undone. One that cannot be tried keeps its definition, which the new table then does not fit.
Task<std::vector<ViewNode>> with_renamed_columns(postgres::Connection& connection, catalog::Table live,
                                                 plan::Mapping mapping, std::vector<ViewNode> nodes);

}  // namespace pgwraith::carry
