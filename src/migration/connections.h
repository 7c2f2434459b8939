// How many sessions a migration needs, and how many the server has left for it.
#pragma once

#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/connection.h"
#include "survey.h"

namespace pgwraith::migration {

// At the same moment, in the phase that has most, the stream's walsender included. Pure.
int sessions_wanted(const config::Settings& settings, int server_version);
// With one worker of each kind.
int sessions_least(const config::Settings& settings, int server_version);

// Refuses, or warns, when the limits of role, database or server leave fewer.
Task<void> check_connections(postgres::Connection& connection, config::Settings settings, Survey& survey);

// Halves the workers of every kind. False when there is one of each already.
bool use_fewer_workers(config::Settings& settings);

}  // namespace pgwraith::migration
