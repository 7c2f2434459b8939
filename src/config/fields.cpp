// The table of settings. A new one is a line here, a member with its default in settings.h, and its explanation in
// config/example.yaml (a test compares the three).
#include <fmt/format.h>

#include "field.h"
#include "pgwraith/base/error.h"

namespace pgwraith::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

constexpr auto at_start = Changes::at_start;
constexpr auto running = Changes::running;

Complaint check_column(const std::string& name) { return name.empty() ? "the column's name is empty" : ""; }

Complaint check_view(const std::string& name) {
    try {
        QualifiedName::parse(name);
        return {};
    } catch (const Error& error) {
        return error.message();
    }
}

std::vector<Field> all_fields() {
    return {
        text("connection", at_start, at(&Settings::connection), "a libpq connection string, or nothing"),
        table_name("table", at_start, at(&Settings::table)),
        key("key", at_start, at(&Settings::key)),
        text("sql", at_start, at(&Settings::sql), "SQL statements, or nothing"),
        text_map("values", at_start, at(&Settings::values), "an SQL expression for each column", check_column),
        expand_columns("expand", at_start, at(&Settings::expand)),
        directory("state_dir", at_start, at(&Settings::state_dir)),

        choice<Strategy>("strategy", at_start, at(&Settings::strategy),
                         {{"auto", Strategy::automatic}, {"direct", Strategy::direct}, {"shadow", Strategy::shadow}}),

        whole("copy.workers", running, at(&Settings::copy, &Copy::workers), 1, 32),
        duration("copy.chunk_target", running, at(&Settings::copy, &Copy::chunk_target), 10ms, 60s),
        size("copy.chunk_max_bytes", running, at(&Settings::copy, &Copy::chunk_max_bytes), 8 * kib, gib),

        fraction("fill.max_dead_rows", running, at(&Settings::fill, &Fill::max_dead_rows), 0.01, 1),
        size("fill.dead_rows_from", running, at(&Settings::fill, &Fill::dead_rows_from), 0, 1024 * gib),

        whole("build.workers", at_start, at(&Settings::build, &Build::workers), 1, 32),
        // PostgreSQL's own limits.
        size("build.maintenance_work_mem", at_start, at(&Settings::build, &Build::maintenance_work_mem), mib,
             1024 * gib),
        whole("build.parallel_workers", at_start, at(&Settings::build, &Build::parallel_workers), 0, 64),

        whole("apply.workers", at_start, at(&Settings::apply, &Apply::workers), 1, 32),
        whole("apply.batch", at_start, at(&Settings::apply, &Apply::batch), 1, 100'000),

        duration("throttle.max_replica_lag", running, at(&Settings::throttle, &Throttle::max_replica_lag), 100ms, 24h),
        name_list("throttle.ignore_replicas", running, at(&Settings::throttle, &Throttle::ignore_replicas),
                  "a list of application_names, as pg_stat_replication shows them"),
        latency_limit("throttle.max_commit_latency", running, at(&Settings::throttle, &Throttle::max_commit_latency),
                      1ms, 60s),
        lag_limit("throttle.max_slot_lag", running, at(&Settings::throttle, &Throttle::max_slot_lag)),
        name_list("throttle.ignore_slots", running, at(&Settings::throttle, &Throttle::ignore_slots),
                  "a list of slots, as pg_replication_slots shows them"),
        or_off(whole("throttle.max_active_sessions", running,
                     inside(at(&Settings::throttle, &Throttle::max_active_sessions)), 1, 100'000),
               at(&Settings::throttle, &Throttle::max_active_sessions)),
        or_off(whole("throttle.max_lock_waiters", running, inside(at(&Settings::throttle, &Throttle::max_lock_waiters)),
                     0, 100'000),
               at(&Settings::throttle, &Throttle::max_lock_waiters)),
        or_off(size("throttle.max_wal_rate", running, inside(at(&Settings::throttle, &Throttle::max_wal_rate)), mib,
                    1024 * gib),
               at(&Settings::throttle, &Throttle::max_wal_rate)),
        or_off(size("throttle.max_retained_wal", running, inside(at(&Settings::throttle, &Throttle::max_retained_wal)),
                    mib, 1024 * gib),
               at(&Settings::throttle, &Throttle::max_retained_wal)),
        text("throttle.query", running, at(&Settings::throttle, &Throttle::query), "a query, or nothing"),
        fraction("throttle.query_limit", running, at(&Settings::throttle, &Throttle::query_limit), -1e18, 1e18),
        file("throttle.flag_file", running, at(&Settings::throttle, &Throttle::flag_file)),
        hours("throttle.hours", running, at(&Settings::throttle, &Throttle::hours)),
        fraction("throttle.idle_ratio", running, at(&Settings::throttle, &Throttle::idle_ratio), 0, 10),

        choice<Verify>("verify", at_start, at(&Settings::verify), {{"full", Verify::full}, {"off", Verify::off}}),

        choice<CutoverMode>("cutover.mode", running, at(&Settings::cutover, &Cutover::mode),
                            {{"auto", CutoverMode::automatic}, {"manual", CutoverMode::manual}}),
        // Not 0: PostgreSQL takes that for "wait for ever".
        duration("cutover.lock_timeout", running, at(&Settings::cutover, &Cutover::lock_timeout), 1ms, 60s),
        duration("cutover.max_blocked", running, at(&Settings::cutover, &Cutover::max_blocked), 1ms, 5min),

        hours("cutover.window", running, at(&Settings::cutover, &Cutover::window)),
        or_off(duration("cutover.terminate_blockers.after", running,
                        inside(at(&Settings::cutover, &Cutover::terminate_blockers_after)), 1s, 24h),
               at(&Settings::cutover, &Cutover::terminate_blockers_after)),
        duration("cutover.validate_timeout", running, at(&Settings::cutover, &Cutover::validate_timeout), 1s, 168h),

        choice<OldTable>("old_table", at_start, at(&Settings::old_table),
                         {{"keep", OldTable::keep}, {"drop", OldTable::drop}}),

        duration("reconnect.give_up_after", at_start, at(&Settings::reconnect, &Reconnect::give_up_after), 1s, 168h),

        choice<bool>("replication.other_slots", at_start, at(&Settings::replication, &Replication::allow_other_slots),
                     {{"refuse", false}, {"allow", true}}),
        choice<bool>("replication.all_tables", at_start, at(&Settings::replication, &Replication::allow_all_tables),
                     {{"refuse", false}, {"allow", true}}),

        text_map("dependents.views", at_start, at(&Settings::dependents, &Dependents::views),
                 "the new SELECT for each schema.view", check_view),
        choice<bool>("dependents.materialized_views", at_start,
                     at(&Settings::dependents, &Dependents::recreate_materialized_views),
                     {{"refuse", false}, {"recreate", true}}),

        choice<bool>("log.row_values", at_start, at(&Settings::log, &Log::row_values),
                     {{"false", false}, {"true", true}}),
    };
}

}  // namespace

const std::vector<Field>& fields() {
    static const std::vector<Field> table = all_fields();
    return table;
}

std::vector<Contradiction> contradictions(const Settings& settings) {
    std::vector<Contradiction> found = expand_contradictions(settings);
    const Cutover& cutover = settings.cutover;
    if (cutover.max_blocked < cutover.lock_timeout) {
        // An attempt that spends all of its time waiting for the lock has none left to drain and to swap.
        found.push_back({{"cutover.max_blocked", "cutover.lock_timeout"},
                         fmt::format("cutover.max_blocked ({}) is less than cutover.lock_timeout ({}) (expected at "
                                     "least as much: the wait for the lock is part of it)",
                                     format_duration(cutover.max_blocked), format_duration(cutover.lock_timeout))});
    }
    return found;
}

}  // namespace pgwraith::config
