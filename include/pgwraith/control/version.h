// The version as the program and its HTTP answers say it.
#pragma once

namespace pgwraith::control {

inline constexpr const char* version = PGWRAITH_VERSION;  // CMakeLists.txt: project(… VERSION …)

}  // namespace pgwraith::control
