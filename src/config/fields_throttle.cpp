// The part of the table of settings that says when the work waits (fields.cpp).
#include "field.h"

namespace pgwraith::config {

using namespace std::chrono_literals;

std::vector<Field> throttle_fields() {
    constexpr auto running = Changes::running;
    return {
        duration("throttle.max_replica_lag", running, at(&Settings::throttle, &Throttle::max_replica_lag), 100ms, 24h)
            .says("The copy waits while a standby replays the WAL later than this. Lower it when standbys serve reads "
                  "that must be fresh."),
        name_list("throttle.ignore_replicas", running, at(&Settings::throttle, &Throttle::ignore_replicas),
                  "a list of application_names, as pg_stat_replication shows them")
            .says("Standbys that do not count, those of throttle.replicas by the name that messages have for them "
                  "(host:port): a delayed one (recovery_min_apply_delay), one whose replay is paused, "
                  "one that is gone for good. A standby that was there and has vanished keeps the copy waiting until "
                  "it is back, or is named here. `pgwraith set FILE throttle.ignore_replicas=replica1,replica2`; "
                  "nothing after the = empties the list."),
        conninfo_list("throttle.replicas", running, at(&Settings::throttle, &Throttle::replicas))
            .says(
                "Standbys that are asked by ourselves how far they have replayed, by connection string: those that "
                "the primary does not see, because they stream from another standby or restore an archive. "
                "max_replica_lag is their limit; one that cannot be asked keeps the copy waiting. Any role that may "
                "connect there will do. PG* variables and ~/.pgpass apply: keep passwords out of this file. `pgwraith "
                "set` takes them with semicolons between them. For example:\n\n"
                "    replicas: [\"host=replica2 user=migrator dbname=postgres\"]"),
        latency_limit("throttle.max_commit_latency", running, at(&Settings::throttle, &Throttle::max_commit_latency),
                      1ms, 60s)
            .says("The copy waits while a commit takes longer than this on the server. Twice a second a tiny "
                  "transaction of our own is committed, as one of the application's would be; the middle one of the "
                  "last three counts. auto: five times what it takes while the server is quiet, and 100ms at least."),
        lag_limit("throttle.max_slot_lag", running, at(&Settings::throttle, &Throttle::max_slot_lag))
            .says("The copy waits while the consumer of another logical slot (a subscription, Debezium, …) is further "
                  "behind than this: a duration (counted from when the migration began), a size, or both: \"5m, "
                  "1GiB\". off: how far they are behind does not count. A slot that nobody reads holds the copy for "
                  "ever: name it in ignore_slots."),
        name_list("throttle.ignore_slots", running, at(&Settings::throttle, &Throttle::ignore_slots),
                  "a list of slots, as pg_replication_slots shows them")
            .says("Slots that do not count, by their names."),
        or_off(whole("throttle.max_active_sessions", running,
                     inside(at(&Settings::throttle, &Throttle::max_active_sessions)), 1, 100'000),
               at(&Settings::throttle, &Throttle::max_active_sessions))
            .says("The copy waits while more sessions than this are active, pgwraith's own not counted. About as many "
                  "as the server has cores is a sensible number; no SQL tells how many that is. The role needs "
                  "pg_monitor to see the others'."),
        or_off(whole("throttle.max_lock_waiters", running, inside(at(&Settings::throttle, &Throttle::max_lock_waiters)),
                     0, 100'000),
               at(&Settings::throttle, &Throttle::max_lock_waiters))
            .says("The copy waits while more sessions than this wait for a lock, whoever holds it."),
        or_off(size("throttle.max_wal_rate", running, inside(at(&Settings::throttle, &Throttle::max_wal_rate)), mib,
                    1024 * gib),
               at(&Settings::throttle, &Throttle::max_wal_rate))
            .says("The copy waits while the server writes more WAL than this in a second, the copy's own included."),
        or_off(size("throttle.max_retained_wal", running, inside(at(&Settings::throttle, &Throttle::max_retained_wal)),
                    mib, 1024 * gib),
               at(&Settings::throttle, &Throttle::max_retained_wal))
            .says("The copy waits while the migration's own slot keeps more WAL than this on the server. It waits in "
                  "any case before the server's max_slot_wal_keep_size takes the slot away."),
        or_off(whole("throttle.max_forced_checkpoints", running,
                     inside(at(&Settings::throttle, &Throttle::max_forced_checkpoints)), 0, 1'000),
               at(&Settings::throttle, &Throttle::max_forced_checkpoints))
            .says(
                "The copy waits while more checkpoints than this were forced within the last checkpoint_timeout of "
                "the server (5min unless changed), because so much WAL was written, or by CHECKPOINT or a backup: the "
                "server counts them together. 1 or 2 where checkpoints make the application slow."),
        or_off(size("throttle.max_wal_directory", running,
                    inside(at(&Settings::throttle, &Throttle::max_wal_directory)), mib, 1024 * gib),
               at(&Settings::throttle, &Throttle::max_wal_directory))
            .says("The copy waits while the server's pg_wal is larger than this: slots, an archive_command that fails "
                  "and checkpoints make it so. The role needs pg_monitor to see it."),
        or_off(size("throttle.max_database_size", running,
                    inside(at(&Settings::throttle, &Throttle::max_database_size)), mib, 1024 * 1024 * gib),
               at(&Settings::throttle, &Throttle::max_database_size))
            .says(
                "The copy waits while this database, in all of its tablespaces, is larger than this. No SQL tells how "
                "much room the disk has left: say here what it may take, or let throttle.query ask whatever knows."),
        text("throttle.query", running, at(&Settings::throttle, &Throttle::query), "a query, or nothing")
            .says("A query of your own, asked twice a second in a read-only session with the role's own search_path, "
                  "for 2s at most: the copy waits while it answers true, or a number above query_limit. Anything else "
                  "is an error, which holds the copy too. For example:\n\n"
                  "    query: \"SELECT count(*) FROM app.jobs WHERE state = 'late'\""),
        fraction("throttle.query_limit", running, at(&Settings::throttle, &Throttle::query_limit), -1e18, 1e18)
            .says("The largest number that the query may answer without holding the copy."),
        file("throttle.flag_file", running, at(&Settings::throttle, &Throttle::flag_file))
            .says("The copy waits while this file exists where pgwraith runs."),
        hours("throttle.hours", running, at(&Settings::throttle, &Throttle::hours))
            .says("The copy works in these hours only: days (Mon to Sun, Mon-Fri; none: every day), times, and a time "
                  "zone that the server knows; several with commas: \"Mon-Fri 22:00-06:00, Sat 00:00-24:00 "
                  "Europe/Berlin\". A night belongs to the day on which it begins. Nothing: at all hours."),
        fraction("throttle.idle_ratio", running, at(&Settings::throttle, &Throttle::idle_ratio), 0, 10)
            .says("The pause after each chunk as a share of the time it took (0: none). 1 halves the load of the copy "
                  "and about doubles its time."),
    };
}

}  // namespace pgwraith::config
