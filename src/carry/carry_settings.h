// The pure half of carry_settings().
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::carry {

// Statements for what was altered from context.start to context.now, on the table that has the live table's name by
// then. `shadow`: the new table's definition; where the user's statements have changed the same thing, that stays,
// which `blueprint` tells of the storage parameters (the shadow has some of its own until the swap), and what they have
// renamed. `at_swap`: its constraints that are added in the swap.
std::vector<std::string> settings_sql(const CarryContext& context, const catalog::Definition& shadow,
                                      const shadow::Blueprint& blueprint, const std::set<std::string>& at_swap);

}  // namespace pgwraith::carry
