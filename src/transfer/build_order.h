// In which order the shadow's indexes and constraints are made. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::transfer {

// The indexes that do not stand yet, the most urgent one last. `standing`: names of valid indexes of the shadow.
std::vector<const shadow::IndexPlan*> missing_indexes(const shadow::Blueprint& blueprint,
                                                      const std::set<std::string>& standing);

// The server's parallel workers for one build. `at_work`: builds under way, this one included; `waiting`: indexes that
// nobody builds yet.
int parallel_workers(const config::Build& settings, int at_work, std::size_t waiting);

// One message for all that promotes indexes to constraints, and for what follows an index (comments, CLUSTER mark …).
// `constraints`: names of those that the shadow has.
std::string constraints_sql(const shadow::Blueprint& blueprint, const std::set<std::string>& constraints);

// The statements for other constraints that do not stand yet, one each.
std::vector<std::string> missing_constraints(const shadow::Blueprint& blueprint,
                                             const std::set<std::string>& constraints);

}  // namespace pgwraith::transfer
