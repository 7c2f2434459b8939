#include "pgwraith/control/health.h"

#include <fmt/format.h>

namespace pgwraith::control {

using migration::Phase;

Readiness readiness(const migration::Progress& progress) {
    const auto* phase = migration::phase_name(progress.phase);
    if (progress.outage) return {false, fmt::format("trying again, in phase {}: {}", phase, progress.outage->why)};
    if (progress.phase == Phase::done) return {true, "done"};
    if (!progress.owns) return {false, fmt::format("does not hold the table yet, in phase {}", phase)};
    if (progress.throttled) return {true, fmt::format("in phase {}, waiting: {}", phase, *progress.throttled)};
    return {true, fmt::format("in phase {}", phase)};
}

}  // namespace pgwraith::control
