// Refusals and the swap's statements, from the fates of views and functions. Pure.
#pragma once

#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/preflight.h"
#include "view_fates.h"

namespace pgwraith::carry {

// Why the swap cannot take them along, each by name. A definition that the configuration gives for nothing is one more
// reason.
std::vector<catalog::Refusal> refuse_nodes(const std::vector<ViewNode>& nodes, const Fates& fates,
                                           const catalog::Table& live, const ColumnChanges& changes,
                                           const config::Dependents& dependents);

// `nodes`: what is referred to comes first. Dropped in the reverse order, made in this one.
Carried view_statements(const std::vector<ViewNode>& nodes, const Fates& fates, const std::string& old_schema);

}  // namespace pgwraith::carry
