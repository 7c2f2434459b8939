// What the rehearsals have in common.
#pragma once

#include <string>

#include "pgwraith/base/error.h"

namespace pgwraith::carry {

inline constexpr const char* rights_remedy =
    "Give the migration's role the right that is missing, or remove what forbids it.";

// `statement`, on something of ours, failed.
Error rehearsal_refused(const std::string& statement, const std::string& why, const std::string& remedy);

}  // namespace pgwraith::carry
