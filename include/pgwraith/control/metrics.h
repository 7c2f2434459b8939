// A migration's progress as Prometheus reads it. Pure, but for what the system says of the process.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pgwraith/base/units.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::control {

// One moment on both clocks.
struct Moments {
    Clock::time_point steady;
    std::chrono::system_clock::time_point wall;

    static Moments now() { return {Clock::now(), std::chrono::system_clock::now()}; }
};

// The text exposition format, version 0.0.4. `percent` from a PercentFloor.
std::string metrics_text(const migration::Progress& progress, const config::Settings& settings, double percent,
                         Moments now);

// process_start_time_seconds and its sisters, which every exporter has; empty when the system does not tell.
std::string process_metrics_text();

// When somebody scrapes. A process that ends right after something has changed would take it to its grave.
class Scrapes {
  public:
    void come(Clock::time_point now);
    // How long it may take until the next one comes; 0: nobody scrapes any more, or it is not known how often.
    milliseconds next_within(Clock::time_point now) const;
    bool come_since(Clock::time_point moment) const { return last_ && *last_ > moment; }

  private:
    std::optional<Clock::time_point> before_;
    std::optional<Clock::time_point> last_;
};

}  // namespace pgwraith::control
