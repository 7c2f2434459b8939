// State that the supervisor, the phases and the operator's commands share within one process.
#pragma once

#include "pgwraith/capture/company.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/hooks/hooks.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/throttle/signals.h"
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

// What a hook finds in its environment.
hooks::Facts hook_facts(const Progress& progress, const config::Settings& settings);

// The name of its reason to hold the gate.
inline constexpr const char* paused_by_operator = "operator";

struct Board {
    Board(asio::any_io_executor executor, config::Settings from)
        : settings(std::move(from)),
          gate(executor),
          company(replication_rules(settings)),
          hooks(executor, settings, [this] { return hook_facts(progress, settings); }),
          requests(executor) {
        progress.phase_began = progress.advanced = Clock::now();
    }

    config::Settings settings;  // as `pgwraith set` changes them
    throttle::Gate gate;
    throttle::Standbys standbys;  // that there have been since the migration began
    capture::Company company;
    Progress progress;
    hooks::Hooks hooks;
    bool contracts() const { return progress.contracts; }
    bool rehearses() const { return progress.rehearsal; }
    Rehearsed rehearsed;  // so far, by this process
    bool cutover_requested = false;
    CutoverWish wish;
    bool wish_said = false;  // to this process
    bool verify_requested = false;
    Event requests;  // one of the above, or a setting, changed

    // Ends the current phase's clock and begins the next one's.
    void enter(Phase phase);
    // What the throttle does, into the progress.
    void show(const throttle::Signals& signals);

    // The operator's commands; none in a rehearsal, which is no moment of a migration.
    void tell(hooks::Moment moment, hooks::Facts more = {});
    void tell_once(hooks::Moment moment);
    // Before an attempt to swap. Why not; nullopt: it may. Each is followed by a swap, or by called_off().
    Task<std::optional<std::string>> ask_before_cutover();
    void called_off(const std::string& why);
    // The connection went: an attempt that was under way is called off.
    void attempt_lost(const std::string& why);

    milliseconds in_phase() const {
        return std::chrono::duration_cast<milliseconds>(Clock::now() - progress.phase_began);
    }

  private:
    // What changes while the work goes on.
    struct Mark {
        Phase phase = Phase::prepare;
        std::uint64_t units_done = 0, rows_copied = 0, rows_verified = 0, changes_applied = 0;
        Activity activity;

        bool operator==(const Mark&) const = default;
    };
    void look_for_advance(Clock::time_point now);
    void look_for_long_throttle(Clock::time_point now);

    Mark mark_;
    std::optional<Clock::time_point> throttled_since_;
    bool throttled_told_ = false;
    bool asked_ = false;
};

}  // namespace pgwraith::migration
