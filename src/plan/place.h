// Where in the user's SQL we are, and the refusal that names it.
#pragma once

#include <string>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

struct Place {
    const QualifiedName& table;
    const std::string& shadow_schema;
    int line = 1;

    // Throws Error(refused): "sql, line 3: <what>", with the hint or, when that is empty, what is allowed.
    [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const;
};

}  // namespace pgwraith::plan
