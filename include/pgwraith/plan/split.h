#pragma once

#include <string>
#include <vector>

namespace pgwraith::plan {

// The statements of a script, without what separates them; one that PostgreSQL 15's grammar does not take is not taken
// apart.
std::vector<std::string> statements_of(const std::string& script);

}  // namespace pgwraith::plan
