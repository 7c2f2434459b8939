#include "pgwraith/capture/slot.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "pgwraith/base/faults.h"
#include "pgwraith/base/names.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::capture {

namespace {

// A walsender that has ended its stream, or whose client is gone, may take a while to let go of the slot.
constexpr milliseconds walsender_ends{2'000};
constexpr milliseconds look_again{2};  // at first
constexpr milliseconds look_again_at_most{20};
constexpr milliseconds answer_interval{2'000};

constexpr const char* start_over_hint = "Only a new start helps: `pgwraith abort`, then `pgwraith run`.";

// Beyond all WAL there will be: a stream from there carries nothing.
constexpr Lsn never{0x7FFFFFFF00000000};

// Returns when every transaction that runs now has ended and is visible, or rolled back.
Task<void> outlast_running(postgres::Connection& connection) {
    // Its own id is above theirs; a snapshot's xmax need not be.
    auto id = co_await connection.query("SELECT pg_current_xact_id()::text");
    const Xid newest = id.uint64(0, 0);
    for (auto pause = look_again;; pause = std::min(2 * pause, look_again_at_most)) {
        auto now = co_await postgres::current_snapshot(connection);
        if (now.xmin > newest) break;
        co_await sleep_for(pause);
    }
}

// Slots and walsenders are the business of the role that logs in, which has REPLICATION; another one may act in its
// place (ALTER ROLE … SET role). The statements of one script are one transaction, and with it the change ends.
Task<postgres::Result> as_login_role(postgres::Connection& connection, std::string sql) {
    co_return co_await connection.script("SELECT pg_catalog.set_config('role', 'none', true); " + sql);
}

// A new slot's decoding does not see catalog changes that committed while it gathered the running transactions. The
// catalog snapshot that it makes then is kept for all transactions that begin before the next catalog change; a table
// may be unknown to it ("could not map filenode"). So there is such a change, and the stream starts behind everything
// that began before it.
// Source: SnapBuildProcessChange() and SnapBuildCommitTxn() in PostgreSQL's snapbuild.c; case `slot_table_appears`.
Task<Lsn> find_start(postgres::Connection& connection, std::string publication) {
    if (!broken_on_purpose("slot_snapshot")) {
        co_await connection.script(fmt::format("ALTER PUBLICATION {} SET (publish_via_partition_root = false)",
                                               quote_identifier(publication)));
    }
    if (!broken_on_purpose("slot_moved")) co_await outlast_running(connection);
    // A stream starts no further than what is flushed; this commit flushes what those transactions wrote.
    co_await postgres::flush_wal(connection);
    auto flushed = co_await connection.query("SELECT pg_current_wal_flush_lsn()::text");
    fault_point("slot.start");
    co_return Lsn::parse(flushed.text(0, 0)).value();
}

// Reads and answers, so that the server does not take us for dead; acknowledges nothing. Each answer has the server
// send a keepalive: so not each of those is answered.
Task<void> keep_alive(postgres::ReplicationStream& holder) {
    Clock::time_point answered;
    for (;;) {
        bool requested = false;
        auto message = co_await holder.next(answer_interval);
        for (; message; message = holder.buffered()) {
            const auto* keepalive = std::get_if<postgres::Keepalive>(&*message);
            requested = requested || (keepalive != nullptr && keepalive->reply_requested);
        }
        if (!requested && Clock::now() - answered < answer_interval) continue;
        co_await holder.feedback(Lsn{});
        answered = Clock::now();
    }
}

Task<void> find_complete_start(postgres::Connection& connection, std::string publication, Lsn& start,
                               TaskGroup& group) {
    start = co_await find_start(connection, publication);
    // A commit record reaches the WAL before its transaction becomes visible.
    if (!broken_on_purpose("slot_visible")) co_await outlast_running(connection);
    group.cancel();
}

// Says who keeps the slot from its consistent point: transactions older than the wait.
Task<void> report_waiting(const postgres::Sessions& sessions, std::string name, Say say) {
    std::string said;
    std::unique_ptr<postgres::Connection> connection;  // most slots are there sooner
    for (;;) {
        co_await sleep_for(milliseconds{3'000});
        if (!connection) connection = co_await sessions.open("slot watch");
        auto result = co_await connection->query(
            "SELECT coalesce(string_agg(w.who, ', '), '') FROM ("
            "SELECT format('pid %s (%s, %s, since %s)', a.pid, a.usename, a.state, date_trunc('second', a.xact_start)) "
            "FROM pg_stat_activity a "
            "WHERE a.backend_xid IS NOT NULL AND a.xact_start < now() - interval '2 s' AND a.pid <> pg_backend_pid() "
            "UNION ALL SELECT format('prepared transaction %s of database %s (since %s)', p.gid, p.database, "
            "date_trunc('second', p.prepared)) FROM pg_prepared_xacts p) AS w (who)");
        const auto who = result.str(0, 0);
        const auto line = fmt::format("the slot {} waits for transactions that were running when it was created{}{}",
                                      name, who.empty() ? "" : ": ", who);
        say({line, Waits::others});
        if (said != line) spdlog::info("{}", line);
        said = line;
    }
}

Task<void> hold(postgres::ReplicationStream& holder, std::string name, std::string publication) {
    std::optional<postgres::PgError> failure;
    try {
        co_await holder.start(name, never, stream_options(publication, false));
    } catch (const postgres::PgError& error) {
        failure = error;
    }
    if (!failure) co_return;
    if (failure->is(postgres::sqlstate::undefined_object)) {
        throw NewSlotLost(fmt::format("the replication slot {} was dropped by somebody as soon as it was made", name));
    }
    throw postgres::PgError(*failure);
}

}  // namespace

NewSlotLost::NewSlotLost(std::string how) : Error(ErrorKind::stopped, std::move(how), start_over_hint) {}

Task<NewSlot> create_slot(const postgres::Sessions& sessions, postgres::Connection& connection, Say say,
                          std::string name, std::string publication) {
    const auto looked = Clock::now();
    const bool no_others = co_await may_leave_out_origins(connection);
    auto walsender = co_await sessions.open_replication();
    TaskGroup watch(co_await asio::this_coro::executor);
    watch.spawn(report_waiting(sessions, name, std::move(say)));
    std::exception_ptr failure;
    NewSlot made;
    if (no_others) made.no_others_at = looked;
    try {
        co_await walsender->script(
            fmt::format("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'nothing')", quote_identifier(name)));
        made.holder = std::make_unique<postgres::ReplicationStream>(std::move(walsender));
        co_await hold(*made.holder, name, publication);
        fault_point("slot.made");
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(keep_alive(*made.holder));
        group.spawn(find_complete_start(connection, publication, made.start, group));
        co_await group.join();
    } catch (const postgres::PgError& error) {
        failure = std::current_exception();
        if (tells_of_removed_wal(error)) {
            const auto what =
                fmt::format("the server removed WAL that the new replication slot {} needs ({})", name, error.said());
            failure = std::make_exception_ptr(NewSlotLost(what));
        }
    } catch (...) {
        failure = std::current_exception();
    }
    watch.cancel();
    try {
        co_await watch.join();
    } catch (const Error& error) {
        if (!failure) spdlog::debug("slot watch: {}", error.message());
    }
    if (failure) std::rethrow_exception(failure);
    co_return made;
}

std::string stream_options(const std::string& publication, bool leave_out_origins) {
    return fmt::format("proto_version '1', publication_names {}, messages 'true'{}",
                       quote_literal(quote_identifier(publication)), leave_out_origins ? ", origin 'none'" : "");
}

Task<std::optional<SlotState>> read_slot(postgres::Connection& connection, std::string name) {
    auto result = co_await connection.query(
        "SELECT coalesce(confirmed_flush_lsn, '0/0')::text, coalesce(wal_status, ''), active, coalesce(active_pid, 0), "
        "coalesce(to_jsonb(s) ->> 'invalidation_reason', '') "
        "FROM pg_replication_slots s WHERE slot_name = $1 AND database = current_database()",
        postgres::params(name));
    if (result.empty()) co_return std::nullopt;
    SlotState state;
    state.confirmed_flush = Lsn::parse(result.text(0, 0)).value();
    state.wal_status = result.str(0, 1);
    state.active = result.boolean(0, 2);
    state.active_pid = static_cast<int>(result.int64(0, 3));
    state.invalidation = result.str(0, 4);
    co_return state;
}

Task<std::optional<SlotState>> free_slot(postgres::Connection& connection, std::string name, int own_pid) {
    std::optional<SlotState> state;
    int asked = 0;
    auto pause = look_again;
    for (const auto patience = Clock::now() + walsender_ends;;) {
        state = co_await read_slot(connection, name);
        if (!state || !state->active || state->active_pid == own_pid) break;
        if (Clock::now() > patience + 2 * walsender_ends) break;
        if (Clock::now() > patience && std::exchange(asked, state->active_pid) != state->active_pid) {
            co_await as_login_role(connection, fmt::format("SELECT pg_terminate_backend({})", state->active_pid));
        }
        co_await sleep_for(pause);
        pause = std::min(2 * pause, look_again_at_most);
    }
    co_return state;
}

Error slot_gone(const std::string& name) {
    return Error(
        ErrorKind::stopped,
        fmt::format("the replication slot {} is gone (dropped, or the server was failed over to a standby without it): "
                    "the changes since then are unknown",
                    name),
        fmt::format("{} Patroni drops slots that it does not know while nobody uses them; it leaves these alone "
                    "(`patronictl edit-config`): ignore_slots: [{{name: {}, type: logical, plugin: pgoutput}}]",
                    start_over_hint, name));
}

Error slot_lost(const std::string& name, const std::string& invalidation) {
    std::string why = "the server removed WAL that it needed (max_slot_wal_keep_size)";
    if (invalidation == "idle_timeout") {
        why = "nobody used it for longer than idle_replication_slot_timeout";
    } else if (invalidation == "wal_level_insufficient") {
        why = "wal_level is no longer logical";
    } else if (!invalidation.empty() && invalidation != "wal_removed") {
        why = "the server says " + invalidation;
    }
    return Error(ErrorKind::stopped, fmt::format("the replication slot {} is lost: {}", name, why), start_over_hint);
}

// "requested WAL segment … has already been removed": 58P01 where the file cannot be opened, XX000 where it went while
// it was read (CheckXLogRemoved() reports whatever errno is then). A translation keeps the file's name, but XX000 alone
// says nothing: translated, that one stays a defect of ours until the next attempt asks for the slot.
bool tells_of_removed_wal(const postgres::PgError& error) {
    static const std::regex file("[0-9A-F]{24}");
    const bool removed = error.is(postgres::sqlstate::undefined_file) ||
                         (error.is(postgres::sqlstate::internal_error) &&
                          error.said().find("has already been removed") != std::string::npos);
    return removed && std::regex_search(error.said(), file);
}

Error slot_without_wal(const std::string& name, const postgres::PgError& error) {
    return Error(ErrorKind::stopped,
                 fmt::format("the replication slot {} is lost: the server no longer has WAL that it needs ({})", name,
                             error.said()),
                 start_over_hint);
}

Task<bool> drop_slot(postgres::Connection& connection, std::string name) {
    for (int attempt = 0; attempt < 10; ++attempt) {
        auto state = co_await free_slot(connection, name, 0);
        if (!state) co_return attempt > 0;  // it was there before
        try {
            co_await as_login_role(connection, fmt::format("SELECT pg_drop_replication_slot({})", quote_literal(name)));
            co_return true;
        } catch (const postgres::PgError& error) {
            if (!error.is(postgres::sqlstate::object_in_use) && !error.is(postgres::sqlstate::undefined_object)) throw;
        }
    }
    throw Error(ErrorKind::stopped, fmt::format("the replication slot {} stays in use by another session", name),
                fmt::format("End that walsender (SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{}') "
                            "and run the same command again.",
                            name));
}

}  // namespace pgwraith::capture
