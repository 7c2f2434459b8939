// The WAL that our own slot keeps on the server, and how near that is to losing the slot.
#include <fmt/format.h>

#include <algorithm>

#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

constexpr const char* slot_sql = R"(
SELECT wal_status, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size
  FROM pg_replication_slots WHERE slot_name = $1)";

class RetainedWal : public Signal {
  public:
    explicit RetainedWal(const Surroundings& around)
        : limits_(around.settings.throttle), facts_(around.facts), slot_(around.own_slot) {}

    const char* name() const override { return "retained_wal"; }
    const char* unit() const override { return "bytes"; }
    bool wanted() const override { return !slot_.empty(); }

    Task<void> read(postgres::Connection& connection) override {
        const auto result = co_await connection.query(slot_sql, postgres::params(slot_));
        if (result.empty()) co_return;  // the stream will end, and say why
        SlotReading reading{result.str(0, 0), 0, std::nullopt};
        reading.retained_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, result.int64(0, 1)));
        if (!result.is_null(0, 2)) reading.safe_wal_size = result.int64(0, 2);
        facts_.retained_wal_bytes = reading.retained_bytes;
        facts_.safe_wal_bytes = reading.safe_wal_size;
        reading_ = reading;
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        if (!reading_) return reading;
        reading.value = static_cast<double>(reading_->retained_bytes);
        if (limits_.max_retained_wal) {
            reading.limit = static_cast<double>(*limits_.max_retained_wal);
            reading.why = fmt::format("our slot keeps {} of WAL (limit {})", format_size(reading_->retained_bytes),
                                      format_size(*limits_.max_retained_wal));
        }
        if (const auto reason = judge_slot(*reading_)) {
            reading.over = true;
            reading.why = *reason;
        }
        return reading;
    }

  private:
    const config::Throttle& limits_;
    Facts& facts_;
    std::string slot_;
    std::optional<SlotReading> reading_;
};

}  // namespace

std::unique_ptr<Signal> retained_wal(const Surroundings& around) { return std::make_unique<RetainedWal>(around); }

}  // namespace pgwraith::throttle
