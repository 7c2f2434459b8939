// Where the columns that are filled in place have their turn.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "drafts.h"

namespace pgwraith::plan {

// `statements`: the drafts of each, in the order of the passes. `values` is by the columns' final names,
// `computed_defaults` by those with which they are added.
std::vector<Part> place_fills(std::vector<std::vector<Draft>> statements,
                              const std::map<std::string, std::string>& values,
                              const std::set<std::string>& computed_defaults);

}  // namespace pgwraith::plan
