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

struct ConnectionLimit {
    std::string what;  // the CONNECTION LIMIT of role app
    std::int64_t limit = 0;
    std::int64_t used = 0;  // by others
    std::string remedy;     // the statement or setting, before the number of connections
};
// Refuses where a limit leaves fewer than `least`, warns once where one leaves fewer than `wanted`. Pure.
void judge_limits(const std::vector<ConnectionLimit>& limits, int wanted, int least, Survey& survey);

// The same with the limits of role, database and server.
Task<void> check_connections(postgres::Connection& connection, config::Settings settings, Survey& survey);

// Halves the workers of every kind. False when there is one of each already.
bool use_fewer_workers(config::Settings& settings);

}  // namespace pgwraith::migration
