// A migration that only remembers what it was told.
#pragma once

#include "pgwraith/base/error.h"
#include "pgwraith/migration/commands.h"

namespace pgwraith::control {

class FakeCommands : public migration::Commands {
  public:
    FakeCommands() {
        settings_.table = {"public", "orders"};
        state.phase = migration::Phase::copy;
        state.activity = {"copying"};
        state.units_done = 423;
        state.units_total = 1000;
        state.rows_copied = 42'300;
        state.row_estimate = 100'000;
        state.rows_per_second = 181'234.4;
        state.eta = milliseconds{12'000};
        state.pending_changes = 77;
        state.started = Clock::now() - milliseconds{5'000};
        state.phase_times = {{migration::Phase::prepare, milliseconds{210}}};
    }

    const migration::Progress& progress() const override { return state; }
    const config::Settings& settings() const override { return settings_; }
    std::string pause() override {
        paused = true;
        return "paused";
    }
    std::string resume() override {
        paused = false;
        return "resumed";
    }
    std::string request_cutover(std::optional<std::chrono::system_clock::time_point> when) override {
        at = when;
        if (!ready) throw Error(ErrorKind::stopped, "not ready", "wait for phase ready");
        return "swapping now";
    }
    std::string postpone() override {
        postponed = true;
        return "postponed";
    }
    Task<void> keep_wish() override {
        if (!disk_failure.empty()) throw Error(ErrorKind::stopped, disk_failure);
        ++wishes_kept;
        co_return;
    }
    std::string request_verify() override {
        if (state.phase != migration::Phase::ready) throw Error(ErrorKind::stopped, "in phase copy", "wait for ready");
        verify_requested = true;
        return "verifying again";
    }
    std::string request_abort() override {
        if (state.phase == migration::Phase::done)
            throw Error(ErrorKind::stopped, "too late to abort", "it ends by itself");
        aborted = true;
        return "aborting";
    }
    std::string set(const std::string& key, const std::string& value) override {
        if (key != "copy.workers") throw Error(ErrorKind::usage, "no setting " + key, "there is copy.workers");
        workers = value;
        return key + " is now " + value;
    }

    migration::Progress state;
    config::Settings settings_;
    bool paused = false;
    bool ready = true;
    bool aborted = false;
    bool verify_requested = false;
    bool postponed = false;
    int wishes_kept = 0;
    std::string disk_failure;  // why none can be
    std::optional<std::chrono::system_clock::time_point> at;
    std::string workers;
};

}  // namespace pgwraith::control
