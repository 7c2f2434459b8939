// The table as it is, without the bloat.
#pragma once

#include <string>

namespace pgwraith::plan {

// Whether a text that changes nothing asks for that: it is empty, or says VACUUM FULL. ANALYZE, or BEGIN and COMMIT,
// ask for nothing. REQUIRES: parse_user_sql() took it.
bool asks_for_rebuild(const std::string& sql);

}  // namespace pgwraith::plan
