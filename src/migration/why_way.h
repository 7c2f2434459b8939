// Why a migration goes the way that was chosen, in words. Pure.
#pragma once

#include <string>
#include <vector>

#include "way.h"

namespace pgwraith::migration {

// A sentence. REQUIRES: no part needs a shadow.
std::string why_direct(const ChosenWay& chosen);
// What was weighed, and what came of it. `against_shadow`: why there can be none, if it is the cheaper one.
std::string why_weighed(const plan::Weighed& weighed, const std::string& against_shadow);
// The parts that need a shadow, each with its reason.
std::string why_shadow(const ChosenWay& chosen);

// Where the shadow was chosen because nothing else can do it, and is refused: which parts need it.
void add_why_shadow(const config::Settings& settings, const ChosenWay& chosen, std::vector<Plan::Reason>& refusals);

// The same as refusals, for `strategy: direct`.
std::vector<Plan::Reason> reasons_for_shadow(const ChosenWay& chosen);
// If nothing but ALTER INDEX … SET TABLESPACE needs a shadow: refusals that name what moves an index without one.
// Empty: something else needs a shadow, or nothing.
std::vector<Plan::Reason> moves_of_indexes_only(const ChosenWay& chosen);

}  // namespace pgwraith::migration
