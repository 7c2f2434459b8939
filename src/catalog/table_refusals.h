// The pure half of check_table().
#pragma once

#include "pgwraith/catalog/preflight.h"

namespace pgwraith::catalog {

PreflightReport table_refusals(const Table& table);

}  // namespace pgwraith::catalog
