// The statements of the swap: catalog changes only, in order.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/cutover/carry.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::cutover {

struct SwapPlan {
    std::vector<QualifiedName> lock_also;   // beside the live table, in this order, before it
    std::vector<std::string> statements;    // under the lock, in one transaction
    std::vector<std::string> after_commit;  // see Carried
};

// Reads what hangs on the table (no lock) and lays the statements out.
Task<SwapPlan> plan_swap(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint);

}  // namespace pgwraith::cutover
