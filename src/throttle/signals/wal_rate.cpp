// How much WAL the server writes, whoever makes it.
#include <fmt/format.h>

#include "all_signals.h"
#include "pgwraith/throttle/readings.h"

namespace pgwraith::throttle {

namespace {

constexpr milliseconds measured_over{2'000};

class WalRate : public Signal {
  public:
    explicit WalRate(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "wal_rate"; }
    const char* unit() const override { return "bytes/s"; }
    bool wanted() const override { return limits_.max_wal_rate.has_value(); }

    Task<void> read(postgres::Connection& connection) override {
        const auto row = co_await connection.query("SELECT pg_current_wal_insert_lsn()::text");
        rate_.observe(Clock::now(), Lsn::parse(row.text(0, 0)).value());
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        reading.value = rate_.per_second();
        if (limits_.max_wal_rate) reading.limit = static_cast<double>(*limits_.max_wal_rate);
        if (reading.value && reading.limit) {
            reading.why = fmt::format("the server writes {} of WAL a second (limit {})",
                                      format_size(static_cast<std::uint64_t>(*reading.value)),
                                      format_size(*limits_.max_wal_rate));
        }
        return reading;
    }

  private:
    const config::Throttle& limits_;
    Rate rate_{measured_over};
};

}  // namespace

std::unique_ptr<Signal> wal_rate(const Surroundings& around) { return std::make_unique<WalRate>(around); }

}  // namespace pgwraith::throttle
