#include "check_throttle.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/throttle/asked_replica.h"
#include "pgwraith/throttle/readings.h"
#include "pgwraith/throttle/wall_clock.h"

namespace pgwraith::migration {

namespace {

using Reasons = std::vector<Plan::Reason>;

Task<void> check_zone(postgres::Connection& connection, std::string key, config::Hours hours, Reasons& refusals) {
    if (hours.always()) co_return;
    try {
        co_await throttle::ask_wall_clock(connection, hours.zone());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage) throw;
        refusals.push_back({key + ": " + error.message(), error.hint()});
    }
}

// As the signal will ask it.
Task<void> check_query(postgres::Connection& connection, std::string query, Reasons& refusals) {
    if (query.empty()) co_return;
    std::string refused;
    try {
        co_await connection.script("BEGIN READ ONLY; SET LOCAL statement_timeout = '2s'");
        const auto answer = co_await connection.query(query);
        throttle::judge_answer(answer);
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        refused = error.message();
    } catch (const Error& error) {
        refused = error.message();
    }
    co_await postgres::rollback_quietly(connection);
    if (refused.empty()) co_return;
    refusals.push_back({"throttle.query: " + refused,
                        "It must give one boolean or number within 2s, read only, as this role. Nothing would be "
                        "copied while it cannot be asked."});
}

// The work would wait for one that cannot be asked.
Task<void> check_replicas(postgres::ServerIdentity primary, config::Throttle throttle, Reasons& refusals) {
    for (const auto& conninfo : throttle.replicas) {
        throttle::AskedReplica replica(conninfo);
        if (throttle.ignores(replica.name())) continue;
        try {
            co_await replica.ask(primary);
        } catch (const Error& error) {
            refusals.push_back(
                {fmt::format("throttle.replicas: {} cannot be asked how far it is: {}", replica.name(),
                             error.message()),
                 "The connection string must reach a standby of this server, as a role that may connect there. Nothing "
                 "would be copied while it cannot be asked."});
        }
    }
}

// What others do is hidden from most roles, and nobody's session may be ended by just anybody.
Task<void> check_rights(postgres::Connection& connection, config::Settings settings, Reasons& refusals) {
    const auto may = co_await connection.query(
        "SELECT pg_has_role('pg_read_all_stats', 'USAGE'), pg_has_role('pg_signal_backend', 'USAGE'), "
        "quote_ident(current_user), has_function_privilege('pg_ls_waldir()', 'EXECUTE')");
    if (settings.throttle.max_active_sessions && !may.boolean(0, 0)) {
        refusals.push_back({"throttle.max_active_sessions: what other roles' sessions do is hidden from this role",
                            fmt::format("GRANT pg_monitor TO {}", may.text(0, 2))});
    }
    if (settings.throttle.max_wal_directory && !may.boolean(0, 3)) {
        refusals.push_back({"throttle.max_wal_directory: this role may not look into the server's pg_wal",
                            fmt::format("GRANT pg_monitor TO {}", may.text(0, 2))});
    }
    if (settings.cutover.terminate_blockers_after && !may.boolean(0, 1)) {
        refusals.push_back({"cutover.terminate_blockers: this role may not end other roles' sessions",
                            fmt::format("GRANT pg_signal_backend TO {}", may.text(0, 2))});
    }
}

}  // namespace

Task<Reasons> check_throttle(postgres::Connection& connection, config::Settings settings) {
    Reasons refusals;
    co_await check_zone(connection, "throttle.hours", settings.throttle.hours, refusals);
    co_await check_zone(connection, "cutover.window", settings.cutover.window, refusals);
    co_await check_query(connection, settings.throttle.query, refusals);
    co_await check_rights(connection, settings, refusals);
    co_await check_replicas(connection.server(), settings.throttle, refusals);
    co_return refusals;
}

}  // namespace pgwraith::migration
