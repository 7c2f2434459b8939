// What a command is started with. Pure.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/config/hooks.h"
#include "pgwraith/hooks/hooks.h"

namespace pgwraith::hooks {

// The process's own environment (of `inherited`, as environ has it) and the facts, each PGWRAITH_<name>, which come
// before what is called so already.
std::vector<std::string> environment_of(const std::vector<std::string>& inherited, const Facts& facts);

// Program and arguments.
std::vector<std::string> arguments_of(const config::Command& command);

// The program that a command begins with, as far as it can be told; empty: it cannot.
std::string program_of(const config::Command& command);

}  // namespace pgwraith::hooks
