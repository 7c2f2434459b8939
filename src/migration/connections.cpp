#include "connections.h"
#include "pgwraith/postgres/version.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace pgwraith::migration {

namespace {

// Always: owner, capture, throttle, watermark, and the stream's walsender; signals that have a session of their own.
int always(const config::Throttle& throttle) {
    return 5 + (throttle.max_commit_latency.off() ? 0 : 1) + (throttle.query.empty() ? 0 : 1) +
           (throttle.replicas.empty() ? 0 : 1);
}
// In the cutover: its session, its watch, its watermark; and the apply's own watermark.
constexpr int in_cutover = 4;
// Beside the workers that compare: the one that looks again, its watermark, and the apply's.
constexpr int verifying_beside = 3;

// A limit, who sets it, and how many others use it; no row for what has none. Our own sessions do not count, they are
// of those that are needed. Most roles cannot see the kind of another role's process. Reserved slots are not for us,
// unless we are a superuser or (16 on) have the right.
constexpr const char* limits_sql = R"sql(
WITH me AS (SELECT r.oid, r.rolname, r.rolsuper, r.rolconnlimit FROM pg_catalog.pg_roles r WHERE r.rolname = session_user),
     here AS (SELECT d.oid, d.datname, d.datconnlimit FROM pg_catalog.pg_database d WHERE d.datname = current_database()),
     others AS (SELECT a.usesysid, a.datid, r.pid IS NOT NULL AS sender
                  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_replication r USING (pid)
                 WHERE a.usesysid IS NOT NULL AND NOT (a.usesysid = (SELECT oid FROM me) AND a.application_name ~ $1)
                   AND coalesce(a.backend_type, 'client backend') IN ('client backend', 'walsender')),
     reserved AS (SELECT current_setting('superuser_reserved_connections')::int
                       + CASE WHEN to_regrole('pg_use_reserved_connections') IS NULL
                                OR pg_has_role(session_user, to_regrole('pg_use_reserved_connections'), 'USAGE') THEN 0
                              ELSE current_setting('reserved_connections', true)::int END AS slots)
SELECT format('the CONNECTION LIMIT of role %I', rolname), rolconnlimit,
       (SELECT count(*) FROM others WHERE usesysid = me.oid), format('ALTER ROLE %I CONNECTION LIMIT', rolname)
  FROM me WHERE rolconnlimit >= 0 AND NOT rolsuper
UNION ALL
SELECT format('the CONNECTION LIMIT of database %I', datname), datconnlimit,
       (SELECT count(*) FROM others WHERE datid = here.oid), format('ALTER DATABASE %I CONNECTION LIMIT', datname)
  FROM here, me WHERE datconnlimit >= 0 AND NOT rolsuper
UNION ALL
SELECT 'max_connections, less what is reserved',
       current_setting('max_connections')::int - CASE WHEN rolsuper THEN 0 ELSE slots END + 1,
       (SELECT count(*) FROM others WHERE NOT sender), 'max_connections at least'
  FROM me, reserved
 ORDER BY 2)sql";

// `reads`: a worker of the copy reads in a session beside the one in which it writes.
int most(const config::Settings& settings, int server_version, int copy, int build, int apply, bool reads) {
    // Each worker of the copy has another session then, for its journal.
    const bool flushes = server_version < postgres::since::flushed_messages;
    const int copying = copy * (1 + (flushes ? 1 : 0) + (reads ? 1 : 0));
    const int verifying = settings.verify == config::Verify::full ? copy + verifying_beside + apply : 0;
    return always(settings.throttle) + std::max({copying, build + 1, verifying, in_cutover + apply});
}

}  // namespace

int sessions_wanted(const config::Settings& settings, int server_version) {
    return most(settings, server_version, settings.copy.workers, settings.build.workers, settings.apply.workers,
                settings.copy.method != config::CopyMethod::insert);
}

int sessions_least(const config::Settings& settings, int server_version) {
    return most(settings, server_version, 1, 1, 1, false);
}

void judge_limits(const std::vector<ConnectionLimit>& limits, int wanted, int least, Survey& survey) {
    bool warned = false;
    for (const auto& limit : limits) {
        const auto room = std::max<std::int64_t>(0, limit.limit - limit.used);
        const auto what = fmt::format("{} leaves {} connections ({}, {} in use by others)", limit.what, room,
                                      limit.limit, limit.used);
        if (room < least) {
            survey.refusals.push_back(
                {fmt::format("{}; the migration needs {}, and {} with one worker of each kind", what, wanted, least),
                 fmt::format("{} {}, or end connections that nobody needs", limit.remedy, limit.used + wanted)});
        } else if (room < wanted && !warned) {
            survey.warnings.push_back(
                fmt::format("{}; the migration would use {}: fewer workers will do", what, wanted));
            warned = true;
        }
    }
}

Task<void> check_connections(postgres::Connection& connection, config::Settings settings, Survey& survey) {
    const int wanted = sessions_wanted(settings, connection.server_version());
    const int least = sessions_least(settings, connection.server_version());
    auto limits =
        co_await connection.query(limits_sql, postgres::params(fmt::format("^pgwraith .*\\(pid {} on ", getpid())));
    std::vector<ConnectionLimit> all;
    for (int row = 0; row < limits.rows(); ++row) {
        all.push_back({limits.str(row, 0), limits.int64(row, 1), limits.int64(row, 2), limits.str(row, 3)});
    }
    judge_limits(all, wanted, least, survey);
}

bool use_fewer_workers(config::Settings& settings) {
    bool fewer = false;
    for (int* workers : {&settings.copy.workers, &settings.build.workers, &settings.apply.workers}) {
        fewer = fewer || *workers > 1;
        *workers = std::max(1, *workers / 2);
    }
    return fewer;
}

}  // namespace pgwraith::migration
