// How far the consumers of other logical slots are behind.
#include "all_signals.h"
#include "pgwraith/throttle/readings.h"

namespace pgwraith::throttle {

namespace {

// Of all databases: they decode one WAL. A lost slot cannot catch up. Ours, of this or another migration, are followed
// by their own throttle.
constexpr const char* slots_sql = R"(
SELECT pg_current_wal_lsn()::text, s.slot_name, s.confirmed_flush_lsn::text,
       greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn), 0)::bigint
  FROM (SELECT 1) one
  LEFT JOIN pg_replication_slots s
    ON s.slot_type = 'logical' AND s.confirmed_flush_lsn IS NOT NULL AND s.slot_name NOT LIKE 'pgwraith\_%'
   AND s.wal_status IS DISTINCT FROM 'lost')";

class SlotLags : public Signal {
  public:
    explicit SlotLags(const Surroundings& around) : limits_(around.settings.throttle) {}

    Task<void> read(postgres::Connection& connection) override {
        const auto rows = co_await connection.query(slots_sql);
        const auto now = Clock::now();
        clock_.observe(now, Lsn::parse(rows.text(0, 0)).value());
        lags_.clear();
        for (int row = 0; row < rows.rows(); ++row) {
            if (rows.is_null(row, 1)) continue;
            const auto confirmed = Lsn::parse(rows.text(row, 2)).value();
            lags_.push_back({rows.str(row, 1), rows.uint64(row, 3), clock_.lag(now, confirmed)});
        }
    }

  protected:
    const config::Throttle& limits_;
    std::vector<SlotLag> lags_;

  private:
    WalClock clock_;
};

class SlotTime : public SlotLags {
  public:
    using SlotLags::SlotLags;
    const char* name() const override { return "slot_lag"; }
    const char* unit() const override { return "ms"; }
    bool wanted() const override { return limits_.max_slot_lag.time.has_value(); }
    Reading reading(Clock::time_point) const override { return judge_slot_time(lags_, limits_); }
};

class SlotBytes : public SlotLags {
  public:
    using SlotLags::SlotLags;
    const char* name() const override { return "slot_lag_bytes"; }
    const char* unit() const override { return "bytes"; }
    bool wanted() const override { return limits_.max_slot_lag.bytes.has_value(); }
    Reading reading(Clock::time_point) const override { return judge_slot_bytes(lags_, limits_); }
};

}  // namespace

std::unique_ptr<Signal> slot_lag(const Surroundings& around) { return std::make_unique<SlotTime>(around); }
std::unique_ptr<Signal> slot_lag_bytes(const Surroundings& around) { return std::make_unique<SlotBytes>(around); }

}  // namespace pgwraith::throttle
