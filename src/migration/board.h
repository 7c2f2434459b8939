// What the supervisor, the phases and the operator's commands share within one process.
#pragma once

#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::migration {

struct Board {
    Board(asio::any_io_executor executor, config::Settings from)
        : settings(std::move(from)), gate(executor), requests(executor), pool(4) {}

    config::Settings settings;  // as `pgwraith set` changes them
    throttle::Gate gate;
    Progress progress;
    bool cutover_requested = false;
    bool verify_requested = false;
    bool abort_requested = false;
    Event requests;  // one of the above, or a setting, changed
    Pool pool;

    // Ends the current phase's clock and begins the next one's.
    void enter(Phase phase);

  private:
    Clock::time_point phase_began_ = Clock::now();
};

}  // namespace pgwraith::migration
