// The file again, while a migration runs.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/config/settings.h"

namespace pgwraith::config {

struct Reread {
    std::vector<std::string> changed;      // "throttle.max_replica_lag: 10s -> 5m"
    std::vector<std::string> not_changed;  // keys that differ, and may not change while a migration runs
};

// Takes from `file` what may change. Throws Error(usage), and changes nothing, when they do not go together with those
// that stay.
Reread take_changes(Settings& running, Settings file);

}  // namespace pgwraith::config
