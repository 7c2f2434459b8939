// The one line that says whether a migration is well, and what comes next. Pure.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::control {

enum class Health {
    well,     // it goes on
    waits,    // for somebody's word, an hour, a lock
    held,     // by a pause or a signal of the throttle; goes on by itself when that is over
    trouble,  // it does not go on, or will not, unless somebody acts
    stopped,  // no process runs
};

const char* health_name(Health health);
std::optional<std::string> waits_name(Waits waits);  // nullopt: for nothing

struct Headline {
    Health health = Health::well;
    std::string what;  // "copying, 42.3%"
    std::string next;  // what comes next, or what to do
};

// Without a process. `done`: since when the table has its new shape, by the record that was left.
Headline headline_without_process(const std::optional<migration::Progress>& known, const config::Settings& settings,
                                  const std::optional<std::string>& done);

// `percent` from a PercentFloor.
Headline headline(const migration::Progress& progress, const config::Settings& settings, double percent,
                  Clock::time_point now);

}  // namespace pgwraith::control
