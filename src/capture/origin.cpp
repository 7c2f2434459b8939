#include "pgwraith/capture/origin.h"
#include "pgwraith/postgres/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::capture {

namespace {

constexpr milliseconds sessions_end{5'000};

// The functions are the superuser's unless they were granted; the catalog is everybody's.
constexpr const char* may_use =
    "SELECT count(*) FILTER (WHERE has_function_privilege(oid, 'EXECUTE')) >= 3 FROM pg_proc "
    "WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('pg_replication_origin_create', "
    "'pg_replication_origin_drop', 'pg_replication_origin_session_setup')";

// Another migration's sessions write to that one's shadow only.
constexpr const char* foreign =
    "SELECT EXISTS (SELECT FROM pg_replication_origin WHERE roname !~ '^pgwraith_[0-9]+_[0-9]+_')";

Task<bool> may_use_origins(postgres::Connection& connection) {
    if (connection.server_version() < postgres::since::origins_left_out) co_return false;
    auto may = co_await connection.query(may_use);
    co_return may.boolean(0, 0);
}

Task<bool> exists(postgres::Connection& connection, std::string name) {
    auto found =
        co_await connection.query("SELECT FROM pg_replication_origin WHERE roname = $1", postgres::params(name));
    co_return !found.empty();
}

std::string origin_of(const std::string& slot, const std::string& purpose) {
    auto name = slot + "_" + purpose;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

}  // namespace

bool looked_lately(std::optional<Clock::time_point> looked, Clock::time_point now) {
    return looked && now - *looked <= origins_looked_at_every;
}

Task<bool> foreign_origins(postgres::Connection& connection) {
    auto found = co_await connection.query(foreign);
    co_return found.boolean(0, 0);
}

Task<bool> may_leave_out_origins(postgres::Connection& connection) {
    auto may = co_await may_use_origins(connection);
    if (!may) co_return false;
    auto others = co_await foreign_origins(connection);
    co_return !others;
}

Task<std::unique_ptr<postgres::Connection>> open_writer(const postgres::Sessions& sessions, std::string slot,
                                                        std::string purpose) {
    auto connection = co_await sessions.open_for_rows(purpose);
    auto may = co_await may_use_origins(*connection);
    if (!may) co_return connection;
    const auto name = origin_of(slot, purpose);
    try {
        auto there = co_await exists(*connection, name);
        if (!there) co_await connection->query("SELECT pg_replication_origin_create($1)", postgres::params(name));
        co_await connection->query("SELECT pg_replication_origin_session_setup($1)", postgres::params(name));
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::debug("{} writes without a replication origin: {}", purpose, error.message());
    }
    co_return connection;
}

Task<std::vector<std::string>> find_origins(postgres::Connection& connection, std::string slot) {
    auto rows = co_await connection.query(
        "SELECT roname FROM pg_replication_origin WHERE starts_with(roname, $1 || '_') ORDER BY 1",
        postgres::params(slot));
    std::vector<std::string> names;
    for (int row = 0; row < rows.rows(); ++row) names.push_back(rows.str(row, 0));
    co_return names;
}

Task<void> drop_origins(postgres::Connection& connection, std::vector<std::string> names) {
    // A session of ours that has just ended has a millisecond or two to let go of it.
    std::string in_use;
    auto pause = milliseconds{2};
    for (const auto give_up = Clock::now() + sessions_end;; pause = std::min(2 * pause, milliseconds{50})) {
        in_use.clear();
        for (const auto& name : names) {
            try {
                auto there = co_await exists(connection, name);
                if (there) co_await connection.query("SELECT pg_replication_origin_drop($1)", postgres::params(name));
            } catch (const postgres::PgError& error) {
                if (!error.is(postgres::sqlstate::object_in_use)) throw;
                in_use = name;
            }
        }
        if (in_use.empty() || Clock::now() > give_up) break;
        co_await sleep_for(pause);
    }
    if (!in_use.empty()) {
        throw Error(ErrorKind::stopped,
                    fmt::format("the replication origin {} stays in use by another session", in_use),
                    "End that session (pg_stat_activity shows it as pgwraith's) and run the same command again.");
    }
}

}  // namespace pgwraith::capture
