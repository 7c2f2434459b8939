// The table as it is, without the bloat.
#pragma once

#include <string>

namespace pgwraith::plan {

// Whether a text asks for that, and for nothing else: it is empty, or says VACUUM FULL. ANALYZE alone, or BEGIN and
// COMMIT, ask for nothing. Throws Error(refused) for what is no SQL.
bool asks_for_rebuild(const std::string& sql);

}  // namespace pgwraith::plan
