// Checkpoints that come before their time, because so much WAL was written: after each of them every page that is
// changed goes to the WAL whole.
#include <fmt/format.h>

#include "all_signals.h"
#include "pgwraith/postgres/version.h"
#include "pgwraith/throttle/readings.h"

namespace pgwraith::throttle {

namespace {

class ForcedCheckpoints : public Signal {
  public:
    explicit ForcedCheckpoints(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "forced_checkpoints"; }
    const char* unit() const override { return "checkpoints"; }
    bool wanted() const override { return limits_.max_forced_checkpoints.has_value(); }

    Task<void> read(postgres::Connection& connection) override {
        const bool split = connection.server_version() >= postgres::since::stat_checkpointer;
        const auto row = co_await connection.query(fmt::format(
            "SELECT {}, (1000 * extract(epoch FROM current_setting('checkpoint_timeout')::interval))::bigint FROM {}",
            split ? "num_requested" : "checkpoints_req", split ? "pg_stat_checkpointer" : "pg_stat_bgwriter"));
        recent_.observe(Clock::now(), row.int64(0, 0));
        timeout_ = milliseconds{row.int64(0, 1)};
    }

    Reading reading(Clock::time_point now) const override {
        Reading reading;
        if (!limits_.max_forced_checkpoints) return reading;
        reading.limit = *limits_.max_forced_checkpoints;
        if (!timeout_) return reading;
        const auto forced = recent_.within(now, *timeout_);
        reading.value = static_cast<double>(forced);
        reading.why = fmt::format(
            "{} checkpoints were forced within the last {}, which is checkpoint_timeout (limit {}); "
            "max_wal_size decides how much WAL forces one",
            forced, format_duration(*timeout_), *limits_.max_forced_checkpoints);
        return reading;
    }

  private:
    const config::Throttle& limits_;
    Recent recent_;
    std::optional<milliseconds> timeout_;
};

}  // namespace

std::unique_ptr<Signal> forced_checkpoints(const Surroundings& around) {
    return std::make_unique<ForcedCheckpoints>(around);
}

}  // namespace pgwraith::throttle
