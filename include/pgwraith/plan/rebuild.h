// The table as it is, without the bloat.
#pragma once

#include <string>

namespace pgwraith::plan {

// Whether a text asks for that, and for nothing else: it is empty, or says VACUUM FULL. ANALYZE alone, or BEGIN and
// COMMIT, ask for nothing. A text that cannot be read as it stands (strings of a role without
// standard_conforming_strings) is a change.
bool asks_for_rebuild(const std::string& sql);

}  // namespace pgwraith::plan
