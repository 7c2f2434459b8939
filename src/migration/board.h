// State that the supervisor, the phases and the operator's commands share within one process.
#pragma once

#include "pgwraith/capture/company.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/throttle/standbys.h"

namespace pgwraith::migration {

inline catalog::ReplicationRules replication_rules(const config::Settings& settings) {
    return {settings.replication.allow_other_slots, settings.replication.allow_all_tables};
}

// What the operator has said of the swap, beside the settings. Kept in the journal: a later process goes by it too.
struct CutoverWish {
    bool postponed = false;  // until `pgwraith cutover`
    std::optional<std::chrono::system_clock::time_point> not_before;

    bool operator==(const CutoverWish&) const = default;
};

struct Board {
    Board(asio::any_io_executor executor, config::Settings from)
        : settings(std::move(from)), gate(executor), company(replication_rules(settings)), requests(executor) {}

    config::Settings settings;  // as `pgwraith set` changes them
    throttle::Gate gate;
    throttle::Standbys standbys;  // that there have been since the migration began
    capture::Company company;
    Progress progress;
    bool contracts = false;  // `pgwraith contract`
    bool rehearses() const { return progress.rehearsal; }
    Rehearsed rehearsed;  // so far, by this process
    bool cutover_requested = false;
    CutoverWish wish;
    bool wish_said = false;  // to this process
    bool verify_requested = false;
    bool abort_requested = false;
    Event requests;  // one of the above, or a setting, changed

    // Ends the current phase's clock and begins the next one's.
    void enter(Phase phase);

  private:
    Clock::time_point phase_began_ = Clock::now();
};

}  // namespace pgwraith::migration
