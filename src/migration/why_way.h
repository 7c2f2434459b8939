// Why a migration goes the way that was chosen, in words. Pure.
#pragma once

#include <string>
#include <vector>

#include "way.h"

namespace pgwraith::migration {

// A sentence. REQUIRES: no part needs a shadow.
std::string why_direct(const ChosenWay& chosen);
// The parts that need a shadow, each with its reason.
std::string why_shadow(const ChosenWay& chosen);

// The same as refusals, for `strategy: direct`.
std::vector<Plan::Reason> reasons_for_shadow(const ChosenWay& chosen);
// If nothing but ALTER INDEX … SET TABLESPACE needs a shadow: refusals that name what moves an index without one.
// Empty: something else needs a shadow, or nothing.
std::vector<Plan::Reason> moves_of_indexes_only(const ChosenWay& chosen);

}  // namespace pgwraith::migration
