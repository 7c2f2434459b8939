// The order of the swap. Pure.
#pragma once

#include <set>

#include "pgwraith/carry/swap.h"

namespace pgwraith::carry {

// The constraints of the new table that do not stand on the shadow before the swap, by their new names.
std::set<std::string> added_at_swap(const CarryContext& context, const shadow::Blueprint& blueprint);

// The swap with what all kinds of dependents contribute to it.
SwapPlan lay_out(Carried carried, const CarryContext& context, const shadow::Blueprint& blueprint);

}  // namespace pgwraith::carry
