// The version as the program and its HTTP answers say it.
#pragma once

namespace pgwraith::control {

inline constexpr const char* version = "0.1.0";

}  // namespace pgwraith::control
