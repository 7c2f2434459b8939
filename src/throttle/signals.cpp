#include "pgwraith/throttle/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::throttle {

namespace {

constexpr milliseconds poll_interval{500};
constexpr milliseconds unreadable_grace{3'000};

// Standbys: walsenders that replay. Senders of logical slots are told apart by the slot's active_pid; a base backup or
// pg_receivewal never replays. `readable` is false where our role may not see another role's numbers.
constexpr const char* replicas_sql = R"(
SELECT pg_current_wal_lsn()::text, r.application_name, r.replay_lsn::text, r.state IS NOT NULL AS readable, r.pid
  FROM (SELECT 1) one
  LEFT JOIN pg_stat_replication r
    ON r.pid NOT IN (SELECT s.active_pid FROM pg_replication_slots s
                      WHERE s.slot_type = 'logical' AND s.active_pid IS NOT NULL)
   AND coalesce(r.application_name, '') NOT LIKE 'pgwraith stream (%'
   AND (r.state IS NULL OR (r.state IN ('streaming', 'catchup') AND r.replay_lsn IS NOT NULL)))";

constexpr const char* slot_sql = R"(
SELECT wal_status, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size
  FROM pg_replication_slots WHERE slot_name = $1)";

}  // namespace

Signals::Signals(Context context, std::string own_slot) : context_(context), own_slot_(std::move(own_slot)) {}

Task<void> Signals::begin() {
    connection_ = co_await context_.sessions.open("throttle");
    connection_->let_finish(milliseconds{500});  // a poll that is cancelled is an error in the server's log
    co_await connection_->script("SET statement_timeout = '2s'");
    co_await poll(*connection_);
}

Task<void> Signals::run() {
    auto last_read = Clock::now();
    for (;;) {
        std::optional<std::string> unreadable;
        try {
            co_await poll(*connection_);
            last_read = Clock::now();
            context_.gate.clear("signals");
        } catch (const postgres::PgError& error) {
            if (error.connection_lost()) throw;
            unreadable = error.message();
        }
        if (unreadable && Clock::now() - last_read > unreadable_grace) {
            context_.gate.hold("signals", "the throttle's signals cannot be read: " + *unreadable);
        }
        co_await sleep_for(poll_interval);
    }
}

Task<void> Signals::poll(postgres::Connection& connection) {
    co_await read_replicas(connection);
    co_await read_slot(connection);
}

Task<void> Signals::read_replicas(postgres::Connection& connection) {
    const auto result = co_await connection.query(replicas_sql);
    ReplicaReading reading{Clock::now(), Lsn::parse(result.text(0, 0)).value(), {}};
    wal_position_ = reading.position;
    for (int row = 0; row < result.rows(); ++row) {
        if (result.is_null(row, 3) || (result.is_null(row, 1) && result.is_null(row, 2))) continue;  // no standby
        Replica replica{result.str(row, 1), static_cast<int>(result.int64(row, 4)), std::nullopt};
        if (result.boolean(row, 3)) replica.replayed = Lsn::parse(result.text(row, 2)).value();
        reading.replicas.push_back(std::move(replica));
    }
    const auto verdict = judge_.judge(reading, context_.settings.throttle, context_.standbys);
    replica_lag_ = verdict.lag;
    hold_if("replica_lag", verdict.too_far_behind);
    hold_if("replica_missing", verdict.missing);
    hold_if("replica_hidden", verdict.hidden);
}

Task<void> Signals::read_slot(postgres::Connection& connection) {
    const auto result = co_await connection.query(slot_sql, postgres::params(own_slot_));
    if (result.empty()) co_return;  // the stream will end, and say why
    SlotReading reading{result.str(0, 0), 0, std::nullopt};
    reading.retained_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, result.int64(0, 1)));
    if (!result.is_null(0, 2)) reading.safe_wal_size = result.int64(0, 2);
    retained_wal_bytes_ = reading.retained_bytes;
    hold_if("slot", judge_slot(reading));
}

void Signals::hold_if(const std::string& name, const std::optional<std::string>& reason) {
    if (reason) {
        context_.gate.hold(name, *reason);
    } else {
        context_.gate.clear(name);
    }
}

}  // namespace pgwraith::throttle
