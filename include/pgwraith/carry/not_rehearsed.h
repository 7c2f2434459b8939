// What the rehearsals of the swap cannot show: event triggers that ask which objects a command is about. They see
// stand-ins there, in the same schemas but with other names.
#pragma once

#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/object_guards.h"

namespace pgwraith::carry {

// A warning for each that fires for a command of the swap.
std::vector<std::string> not_rehearsed(const SwapPlan& swap, const QualifiedName& live,
                                       const std::vector<catalog::ObjectGuard>& guards);

}  // namespace pgwraith::carry
