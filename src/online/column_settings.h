// What a column has besides type and constraints: privileges, comment, statistics target, storage.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/online/expansion.h"

namespace pgwraith::online {

// ADD COLUMN … for each new column, then what the old one has that it replaces.
std::vector<std::string> column_statements(const catalog::Table& live, const Expansion& expansion);

}  // namespace pgwraith::online
