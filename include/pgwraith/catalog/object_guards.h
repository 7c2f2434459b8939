// Event triggers that ask which objects a command is about. What they say of an object shows when it is touched.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/event_triggers.h"

namespace pgwraith::catalog {

struct ObjectGuard {
    EventTrigger trigger;
    std::vector<std::string> tags;  // the commands for which it fires; empty: all
};

// Those that fire for our sessions and whose functions, by their source, may fail or act for some objects only.
Task<std::vector<ObjectGuard>> read_object_guards(postgres::Connection& connection);

}  // namespace pgwraith::catalog
