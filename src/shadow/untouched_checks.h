// CHECK constraints that the change leaves alone.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// Valid CHECKs of the live table, over columns whose values stay as they are.
Task<std::vector<UntouchedCheck>> find_untouched_checks(postgres::Connection& connection, catalog::Table live,
                                                        catalog::Table shadow, plan::Mapping mapping);

}  // namespace pgwraith::shadow
