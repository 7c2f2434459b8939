// The table that the statements of these tests are about.
#pragma once

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

inline const QualifiedName kTable{"public", "orders"};

}  // namespace pgwraith::plan
