// What an orchestrator asks: does the process live, and does its work go on. Pure.
#pragma once

#include <string>

#include "pgwraith/migration/progress.h"

namespace pgwraith::control {

struct Readiness {
    bool ready = false;
    std::string why;  // one sentence, either way
};

// Ready: the process holds the table, and no failure has ended its attempt. Waiting, throttled, paused, done are fine.
Readiness readiness(const migration::Progress& progress);

}  // namespace pgwraith::control
