// Each row that is filled leaves a dead one behind: autovacuum is waited for when there are too many.
#pragma once

#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::online {

// Holds the gate while more rows of the table are dead than `fill.max_dead_rows` allows. Goes on until it is cancelled,
// and leaves the gate free. All must outlive it.
Task<void> watch_dead_rows(const postgres::Sessions& sessions, const config::Settings& settings, throttle::Gate& gate,
                           Oid table, QualifiedName name);

}  // namespace pgwraith::online
