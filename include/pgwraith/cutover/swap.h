// The statements of the swap: catalog changes only, in order.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/shadow/pair.h"

namespace pgwraith::cutover {

struct SwapPlan {
    std::vector<QualifiedName> lock_also;  // beside the live table, in this order, before it
    std::vector<std::string> statements;   // under the lock, in one transaction
};

// Pure. `live` as it was at the start; `old_schema` exists.
SwapPlan plan_swap(const catalog::Table& live, const shadow::Pair& pair, const shadow::Blueprint& blueprint,
                   const std::string& old_schema);

}  // namespace pgwraith::cutover
