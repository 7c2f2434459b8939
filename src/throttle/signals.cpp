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
    auto result = co_await connection.query(replicas_sql);
    auto now = Clock::now();
    wal_position_ = Lsn::parse(result.text(0, 0)).value();
    wal_clock_.observe(now, wal_position_);

    if (!began_at_) began_at_ = wal_position_;
    replica_lag_.reset();
    std::optional<std::string> not_yet;
    std::string worst;
    bool hidden = false;
    std::vector<Standbys::Seen> seen;
    for (int row = 0; row < result.rows(); ++row) {
        if (result.is_null(row, 3) || (result.is_null(row, 1) && result.is_null(row, 2)))
            continue;  // no standby at all
        if (!result.boolean(row, 3)) {
            hidden = hidden || !ignored(result.str(row, 1));
            continue;
        }
        seen.push_back({result.str(row, 1), static_cast<int>(result.int64(row, 4))});
        if (ignored(seen.back().name)) continue;
        auto replayed = Lsn::parse(result.text(row, 2)).value();
        auto lag = wal_clock_.lag(now, replayed);
        // How long ago the primary was where this standby is, we cannot know before it has come to where we began.
        if (replayed >= began_at_) up_to_date_.insert(result.str(row, 1));
        if (!up_to_date_.contains(result.str(row, 1))) not_yet = result.str(row, 1);
        if (!replica_lag_ || lag > *replica_lag_) {
            replica_lag_ = lag;
            worst = result.str(row, 1);
        }
    }
    // While rows are hidden nobody can say who is missing.
    if (!hidden) context_.standbys.observe(seen);
    hold_for_missing();
    auto limit = context_.settings.throttle.max_replica_lag;
    if (replica_lag_ && *replica_lag_ > limit) {
        context_.gate.hold("replica_lag", fmt::format("replica {} is {} behind (limit {})", worst,
                                                      format_duration(*replica_lag_), format_duration(limit)));
    } else if (not_yet) {
        context_.gate.hold(
            "replica_lag",
            fmt::format(
                "replica {} has not yet replayed what was written before the migration began; a delayed one that "
                "does not count goes into throttle.ignore_replicas",
                *not_yet));
    } else {
        context_.gate.clear("replica_lag");
    }
    // A walsender that is only starting looks the same for a moment.
    if (!hidden) {
        hidden_since_.reset();
    } else if (!hidden_since_) {
        hidden_since_ = now;
    }
    if (hidden && now - *hidden_since_ > unreadable_grace) {
        context_.gate.hold("replica_hidden",
                           "a standby's lag is hidden from this role: grant it pg_monitor (GRANT pg_monitor TO …)");
    } else {
        context_.gate.clear("replica_hidden");
    }
}

bool Signals::ignored(const std::string& replica) const {
    const auto& names = context_.settings.throttle.ignore_replicas;
    return std::ranges::find(names, replica) != names.end();
}

// What cannot be seen is no reason to go on: a standby that is restarted comes back and is behind.
void Signals::hold_for_missing() {
    std::string text;
    for (const auto& missing : context_.standbys.missing()) {
        if (ignored(missing.name)) continue;
        const auto how_many =
            missing.known > 1 ? fmt::format(" ({} of {} are left)", missing.present, missing.known) : "";
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", missing.name, how_many);
    }
    if (text.empty()) {
        context_.gate.clear("replica_missing");
    } else {
        context_.gate.hold(
            "replica_missing",
            fmt::format("replica {} has disconnected: it holds the copy until it is back; if it does not count, "
                        "`pgwraith set FILE throttle.ignore_replicas=NAME`",
                        text));
    }
}

Task<void> Signals::read_slot(postgres::Connection& connection) {
    auto result = co_await connection.query(slot_sql, postgres::params(own_slot_));
    if (result.empty()) co_return;  // the stream will end, and say why
    auto status = result.text(0, 0);
    retained_wal_bytes_ = static_cast<std::uint64_t>(std::max<std::int64_t>(0, result.int64(0, 1)));
    // Less room than twice what we already keep: stop making WAL before the server takes the slot away.
    bool narrow = !result.is_null(0, 2) && result.int64(0, 2) < static_cast<std::int64_t>(std::max<std::uint64_t>(
                                                                    retained_wal_bytes_, 16 << 20));
    if (status == "unreserved" || narrow) {
        context_.gate.hold("slot", fmt::format("our slot keeps {} of WAL and approaches max_slot_wal_keep_size",
                                               format_size(retained_wal_bytes_)));
    } else {
        context_.gate.clear("slot");
    }
}

}  // namespace pgwraith::throttle
