// The table of settings: config/example.yaml and docs/configuration.md are written from it (docs/development.md says
// how). A new setting is a row here and a member with its default in settings.h.
#include <fmt/format.h>

#include "field.h"
#include "pgwraith/base/error.h"

namespace pgwraith::config {
namespace {

using namespace std::chrono_literals;
using enum Changes;

Complaint check_column(const std::string& name) { return name.empty() ? "the column's name is empty" : ""; }

Complaint check_view(const std::string& name) {
    try {
        QualifiedName::parse(name);
        return {};
    } catch (const Error& error) {
        return error.message();
    }
}

std::vector<Field> migration_fields() {
    return {
        text("connection", at_start, at(&Settings::connection), "a libpq connection string, or nothing")
            .says("Where the server is: a libpq URI or key=value string, for example "
                  "postgresql://migrator@db.internal:5432/shop. Nothing: libpq's own environment decides (PGHOST, "
                  "PGSERVICE, PGPASSWORD, …). Keep passwords out of this file: ~/.pgpass, a service file or ${NAME} "
                  "hold them better. Go to the primary itself, not through a pooler.")
            .shown_as("${PGWRAITH_CONNECTION:-}"),
        table_name("table", at_start, at(&Settings::table))
            .says("The table, written as in SQL: app.\"Order Items\". Without a schema it is found by the role's "
                  "search_path. It must be there.")
            .shown_as("public.orders"),
        key("key", at_start, at(&Settings::key))
            .says("How rows are followed while they are copied. Nothing: by what the server identifies rows by, the "
                  "primary key unless somebody has set another REPLICA IDENTITY. The name of a unique index on NOT "
                  "NULL columns (not partial, not on expressions, not deferrable): for a table without a primary key, "
                  "or when the change drops the key. auto: where the server has nothing to identify rows by, the index "
                  "with the fewest columns; `plan` says which, and why. Such an index is the table's replica identity "
                  "for the time of the migration; the old one is given back at its end."),
        text("sql", at_start, at(&Settings::sql), "SQL statements, or nothing")
            .says("What to change: ALTER TABLE, CREATE/DROP INDEX and COMMENT of this table, as many statements as "
                  "needed. Nothing: the table is rebuilt as it is, which takes the bloat out.")
            .shown_as("|\n"
                      "  ALTER TABLE public.orders\n"
                      "    ALTER COLUMN amount TYPE bigint,\n"
                      "    ADD COLUMN status text NOT NULL DEFAULT 'new';\n"
                      "  CREATE INDEX orders_status_idx ON public.orders (status);"),
        text_map("values", at_start, at(&Settings::values), "an SQL expression for each column", check_column)
            .says("How a column of the new table is computed from an old row: the column (as it is named, without "
                  "SQL's quotes) and an SQL expression. A column that is not here takes the old value, cast where its "
                  "type changed, or its DEFAULT when it is new.")
            .shown_as("\n  status: \"CASE WHEN shipped_at IS NULL THEN 'new' ELSE 'shipped' END\""),
        expand_columns("expand", at_start, at(&Settings::expand))
            .says("Instead of `sql` and `values`: new columns beside old ones, for as long as two versions of the "
                  "application are alive. `run` adds them, keeps old and new equal whichever the application writes, "
                  "fills old rows, and ends in the state `expanded`; `pgwraith contract` drops the old columns. For "
                  "each new column either `from`, the column that it replaces (with `type`, if that changes: it gets "
                  "the old one's constraints and indexes), or `up` (SQL over the old columns) with `down` (SQL over "
                  "the new ones, for each old column that goes in the end). For example:\n\n"
                  "    expand:\n"
                  "      handle: { from: username }\n"
                  "      big_id: { from: id, type: bigint }\n"
                  "      full_name: { up: \"first || ' ' || last\",\n"
                  "                   down: { first: \"split_part(full_name, ' ', 1)\",\n"
                  "                           last: \"split_part(full_name, ' ', 2)\" } }"),
        directory("state_dir", at_start, at(&Settings::state_dir))
            .says("Where the progress is kept and the control socket lies, relative to this file. Put it on a disk "
                  "that survives a restart (in a container: a volume), one directory for each migration. It grows with "
                  "the number of keys that change while the migration runs."),
        choice<Strategy>("strategy", at_start, at(&Settings::strategy),
                         {{"auto", Strategy::automatic}, {"direct", Strategy::direct}, {"shadow", Strategy::shadow}})
            .says("auto: the cheapest way that is safe; `plan` says which, and why. Most changes need no second table: "
                  "they are made in the catalog, or in several steps on the live table that keep nobody waiting; a "
                  "column is filled in place, where it is NULL. What rewrites the table (int to bigint, an empty "
                  "`sql`) takes the shadow table. direct: refused, by name, when a part of it needs the shadow. "
                  "shadow: the shadow table whatever the change is; `values` are computed for every row. A migration "
                  "that has begun keeps its way."),
        choice<Verify>("verify", at_start, at(&Settings::verify), {{"full", Verify::full}, {"off", Verify::off}})
            .says("full: every row of both tables is compared before the cutover. off: saves the time of reading both "
                  "once more, when something else makes sure of the result."),
        choice<OldTable>("old_table", at_start, at(&Settings::old_table),
                         {{"keep", OldTable::keep}, {"drop", OldTable::drop}})
            .says("What becomes of the old table after the swap. keep: it stays in the schema pgwraith_old_<oid> until "
                  "you drop it. drop: its space is free at once, and there is no way back."),
    };
}

std::vector<Field> cutover_fields() {
    return {
        choice<CutoverMode>("cutover.mode", running, at(&Settings::cutover, &Cutover::mode),
                            {{"auto", CutoverMode::automatic}, {"manual", CutoverMode::manual}})
            .says("auto: swap as soon as the copy has caught up. manual: stay caught up until `pgwraith cutover`, to "
                  "choose the moment."),
        hours("cutover.window", running, at(&Settings::cutover, &Cutover::window))
            .says(
                "When the swap, a contraction, or a step that stops readers or writers for a moment may happen: days, "
                "times and a time zone that the server knows, written as throttle.hours is: \"Sat 02:00-05:00 "
                "Europe/Berlin\". Outside of it the migration is ready and waits. Nothing: at any time. In any window "
                "it waits while a signal of the throttle is beyond its limit."),
        or_off(duration("cutover.terminate_blockers.after", running,
                        inside(at(&Settings::cutover, &Cutover::terminate_blockers_after)), 1s, 24h),
               at(&Settings::cutover, &Cutover::terminate_blockers_after))
            .says(
                "A session whose transaction has stood in the way of the swap, of a contraction or of a step for so "
                "long, from the first attempt that it made fail, is ended: one that holds a lock on any of the tables "
                "that are to be locked. The application sees \"terminating connection\". Never a superuser's, one that "
                "replicates, or one of pgwraith. The role needs pg_signal_backend."),
        // Not 0: PostgreSQL takes that for "wait for ever".
        duration("cutover.lock_timeout", running, at(&Settings::cutover, &Cutover::lock_timeout), 1ms, 60s)
            .says("How long one attempt may wait for the table's lock. Queries that come meanwhile wait behind it: "
                  "lower it when the application's latency matters more than an early end, raise it when every attempt "
                  "is lost to transactions that are a little longer."),
        duration("cutover.max_blocked", running, at(&Settings::cutover, &Cutover::max_blocked), 1ms, 5min)
            .says("How long an attempt may keep others waiting in all, the wait for the lock included. Not less than "
                  "lock_timeout. Raise it when attempts get the lock but run out of time."),
        duration("cutover.validate_timeout", running, at(&Settings::cutover, &Cutover::validate_timeout), 1s, 168h)
            .says("After the swap foreign keys are validated (and materialized views filled), which may have to wait "
                  "behind a VACUUM or ALTER of another table. It keeps nobody waiting, and the replication slot is "
                  "gone by then. What is not done in time is said, and the same command goes on with it."),
    };
}

std::vector<Field> work_fields() {
    return {
        whole("copy.workers", running, at(&Settings::copy, &Copy::workers), 1, 32)
            .says("How many chunks are copied side by side at most, a connection each. More are faster as long as "
                  "disks and cores idle."),
        choice<CopyMethod>(
            "copy.method", running, at(&Settings::copy, &Copy::method),
            {{"auto", CopyMethod::automatic}, {"insert", CopyMethod::insert}, {"copy", CopyMethod::copy}})
            .says(
                "insert: each chunk is an INSERT … SELECT, and no row leaves the server. copy: rows are read by COPY … "
                "TO STDOUT and written by COPY … FROM STDIN, through this program; for narrow rows that is little "
                "more than half the WAL, which replicas, the archive and other slots have to take as well, and it "
                "needs one more connection for each worker and a short way to the server. auto: the first chunks "
                "of a table of 32 MiB and more are copied both ways in turn, and the quicker one goes on; how much "
                "WAL COPY saves, and records for our slot to pass over, counts for it. The log and `status` say which, "
                "and why. Where COPY cannot be used "
                "(docs/copy.md) it is INSERT in any case."),
        duration("copy.chunk_target", running, at(&Settings::copy, &Copy::chunk_target), 10ms, 60s)
            .says("How long a chunk should take; its size follows. Shorter ones react faster to a throttle and hold "
                  "their snapshot for less time, longer ones cost less overhead."),
        size("copy.chunk_max_bytes", running, at(&Settings::copy, &Copy::chunk_max_bytes), 8 * kib, gib)
            .says("At most so much of the table in one chunk, however fast it goes. Keep it below the server's "
                  "logical_decoding_work_mem (64MB unless changed), or decoding the copy spills to the server's disk."),

        fraction("fill.max_dead_rows", running, at(&Settings::fill, &Fill::max_dead_rows), 0.01, 1)
            .says("A column that is filled in place leaves a dead version of each row behind. The fill waits for "
                  "autovacuum while more than this share of the rows is dead (1: never). Lower it when the table must "
                  "not grow, raise it when autovacuum is slow or something keeps it from its work."),
        size("fill.dead_rows_from", running, at(&Settings::fill, &Fill::dead_rows_from), 0, 1024 * gib)
            .says("In a table that is smaller than this, dead rows are no burden."),

        whole("build.workers", at_start, at(&Settings::build, &Build::workers), 1, 32)
            .says("Indexes built side by side. 1 when the disk is what limits."),
        // PostgreSQL's own limits.
        size("build.maintenance_work_mem", at_start, at(&Settings::build, &Build::maintenance_work_mem), mib,
             1024 * gib)
            .says("The server's maintenance_work_mem for each of them. More makes large indexes faster; the server "
                  "needs build.workers times as much."),
        whole("build.parallel_workers", at_start, at(&Settings::build, &Build::parallel_workers), 0, 64)
            .says("max_parallel_maintenance_workers for each of them (0: none). The server's max_worker_processes and "
                  "max_parallel_workers limit it as well."),

        whole("apply.workers", at_start, at(&Settings::apply, &Apply::workers), 1, 32)
            .says("Connections that bring changed rows over. Raise it when the pending changes do not shrink."),
        whole("apply.batch", at_start, at(&Settings::apply, &Apply::batch), 1, 100'000)
            .says("Changed rows in one transaction. Fewer make shorter transactions, more are faster."),

        duration("reconnect.give_up_after", at_start, at(&Settings::reconnect, &Reconnect::give_up_after), 1s, 168h)
            .says("How long to try again when the server cannot be reached. Then the program ends with status 4; its "
                  "state is kept and the same command carries on."),
    };
}

std::vector<Field> neighbour_fields() {
    return {
        choice<bool>("replication.other_slots", at_start, at(&Settings::replication, &Replication::allow_other_slots),
                     {{"refuse", false}, {"allow", true}})
            .says("refuse: logical slots of this database whose plugin knows no publications (wal2json, "
                  "test_decoding, decoderbufs, …) are a reason to refuse, because their consumers would be sent every "
                  "row of the shadow table. allow: the consumers leave out the schema pgwraith_new_<oid>, or do not "
                  "mind."),
        choice<bool>("replication.all_tables", at_start, at(&Settings::replication, &Replication::allow_all_tables),
                     {{"refuse", false}, {"allow", true}})
            .says("refuse: a publication FOR ALL TABLES, which publishes the shadow table too, is a reason to refuse. "
                  "allow: its subscribers can take a table that they do not have (Debezium; not a PostgreSQL "
                  "subscription)."),

        text_map("dependents.views", at_start, at(&Settings::dependents, &Dependents::views),
                 "the new SELECT for each schema.view", check_view)
            .says("Views that cannot be carried over as they are because their columns change: schema.view and its new "
                  "SELECT. A view that would need it and is not here is a reason to refuse. For example:\n\n"
                  "    views:\n"
                  "      app.open_orders: \"SELECT id, amount FROM public.orders WHERE status = 'new'\""),
        choice<bool>("dependents.materialized_views", at_start,
                     at(&Settings::dependents, &Dependents::recreate_materialized_views),
                     {{"refuse", false}, {"recreate", true}})
            .says("refuse: a materialized view on the table ends the plan. recreate: it is made anew in the swap and "
                  "filled after it; until then queries on it fail (\"has not been populated\")."),

        choice<LogFormat>("log.format", at_start, at(&Settings::log, &Log::format),
                          {{"text", LogFormat::text}, {"json", LogFormat::json}})
            .says("How the log is written: lines to read, or one JSON object for each message (docs/logs.md names its "
                  "fields). --log-format on the command line comes before it."),
        choice<bool>("log.row_values", at_start, at(&Settings::log, &Log::row_values),
                     {{"false", false}, {"true", true}})
            .says("Whether messages may hold values of rows. The error that ends a migration names rows by their keys "
                  "in any case; true adds the server's own words about a value that does not fit, and names each row "
                  "that verification repairs, with its columns' values in both tables."),
    };
}

std::vector<Field> control_fields() {
    return {
        address("control.listen", at_start, at(&Settings::control, &Control::listen))
            .says(
                "Where HTTP is answered beside the Unix socket in state_dir: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8443. "
                "It answers what the socket answers, for commands from elsewhere, for curl and for Prometheus. "
                "Nothing: no port is opened. An address that other hosts reach needs a token and TLS. Port 0: any "
                "free one, which the log names."),
        token("control.token", at_start, at(&Settings::control, &Control::token))
            .says("Whoever sends `Authorization: Bearer` with it may ask and command; others get /healthz and /readyz "
                  "only. It belongs into the environment: \"${PGWRAITH_TOKEN}\" (`openssl rand -hex 32` makes one). "
                  "Nothing: none is asked for, which only a loopback address allows."),
        file("control.tls_certificate", at_start, at(&Settings::control, &Control::tls_certificate))
            .says("A PEM file: the certificate, then those that it leads to. With control.tls_key it makes HTTPS of "
                  "HTTP. Both are read again when they change."),
        file("control.tls_key", at_start, at(&Settings::control, &Control::tls_key))
            .says("A PEM file: the certificate's key, without a passphrase."),
        choice<bool>("control.without_tls", at_start, at(&Settings::control, &Control::allow_without_tls),
                     {{"refuse", false}, {"allow", true}})
            .says("refuse: an address that other hosts reach needs TLS. allow: a proxy in front of it does that, or "
                  "the network is trusted; the token crosses it in the clear."),
        choice<bool>("control.page", at_start, at(&Settings::control, &Control::page),
                     {{"false", false}, {"true", true}})
            .says("true: at / there is a page with progress, plots, signals and buttons (docs/page.md)."),
    };
}

}  // namespace

Settings defaults() {
    Settings settings;
    settings.state_dir = "./state";
    return settings;
}

const std::vector<Field>& fields() {
    static const std::vector<Field> table = [] {
        std::vector<Field> all;
        for (auto* part : {migration_fields, cutover_fields, throttle_fields, hook_fields, work_fields,
                           neighbour_fields, control_fields}) {
            for (Field& field : part()) all.push_back(std::move(field));
        }
        return all;
    }();
    return table;
}

std::vector<Contradiction> contradictions(const Settings& settings) {
    std::vector<Contradiction> found = expand_contradictions(settings);
    for (auto& one : control_contradictions(settings)) found.push_back(std::move(one));
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
