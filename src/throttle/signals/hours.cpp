// The hours in which there is to be work.
#include <fmt/format.h>

#include "all_signals.h"
#include "pgwraith/throttle/wall_clock.h"

namespace pgwraith::throttle {

namespace {

class WorkingHours : public Signal {
  public:
    explicit WorkingHours(const Surroundings& around) : hours_(around.settings.throttle.hours) {}

    const char* name() const override { return "hours"; }
    const char* unit() const override { return ""; }
    bool wanted() const override { return !hours_.always(); }

    Task<void> read(postgres::Connection& connection) override {
        now_ = co_await ask_wall_clock(connection, hours_.zone());
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        if (!now_ || hours_.contains(now_->day, now_->minute)) return reading;
        reading.over = true;
        reading.why = fmt::format("throttle.hours: {}", wait_in_words(hours_, *now_));
        return reading;
    }

  private:
    const config::Hours& hours_;
    std::optional<WallClock> now_;
};

}  // namespace

std::unique_ptr<Signal> working_hours(const Surroundings& around) { return std::make_unique<WorkingHours>(around); }

}  // namespace pgwraith::throttle
