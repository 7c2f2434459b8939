// SQL as a role reads it for which standard_conforming_strings is off: a backslash in a plain literal escapes.
#pragma once

#include <string>

namespace pgwraith::plan {

// The same for sessions where it is on: literals with a backslash become E'…'. Lines stay where they are.
std::string with_escape_strings(const std::string& sql);

}  // namespace pgwraith::plan
