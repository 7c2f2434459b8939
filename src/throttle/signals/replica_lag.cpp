// How far the standbys' replay is behind.
#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

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

class ReplicaLag : public Signal {
  public:
    explicit ReplicaLag(const Surroundings& around)
        : limits_(around.settings.throttle), standbys_(around.standbys), facts_(around.facts) {}

    const char* name() const override { return "replica_lag"; }
    const char* unit() const override { return "ms"; }
    bool wanted() const override { return true; }

    Task<void> read(postgres::Connection& connection) override {
        const auto result = co_await connection.query(replicas_sql);
        ReplicaReading reading{Clock::now(), Lsn::parse(result.text(0, 0)).value(), {}};
        facts_.wal_position = reading.position;
        for (int row = 0; row < result.rows(); ++row) {
            if (result.is_null(row, 3) || (result.is_null(row, 1) && result.is_null(row, 2))) continue;  // no standby
            Replica replica{result.str(row, 1), static_cast<int>(result.int64(row, 4)), std::nullopt};
            if (result.boolean(row, 3)) replica.replayed = Lsn::parse(result.text(row, 2)).value();
            reading.replicas.push_back(std::move(replica));
        }
        verdict_ = judge_.judge(reading, limits_, standbys_);
        facts_.replica_lag = verdict_.lag;
    }

    Reading reading(Clock::time_point) const override { return reading_of(verdict_, limits_); }

  private:
    const config::Throttle& limits_;
    Standbys& standbys_;
    Facts& facts_;
    ReplicaJudge judge_;
    ReplicaVerdict verdict_;
};

}  // namespace

std::unique_ptr<Signal> replica_lag(const Surroundings& around) { return std::make_unique<ReplicaLag>(around); }

}  // namespace pgwraith::throttle
