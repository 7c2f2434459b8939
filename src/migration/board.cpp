#include "board.h"

#include <fmt/format.h>

#include "answers.h"

namespace pgwraith::migration {

void Board::enter(Phase phase) {
    auto now = Clock::now();
    if (phase != progress.phase) {
        auto took = std::chrono::duration_cast<milliseconds>(now - progress.phase_began);
        progress.phase_times.emplace_back(progress.phase, took);
        spdlog::info("{} took {}; now: {}", phase_name(progress.phase), format_duration(took), phase_name(phase));
        progress.phase_began = now;
    }
    progress.phase = phase;
    progress.activity = {};
    progress.units_done = progress.units_total = 0;
    progress.rows_per_second = 0;
    progress.eta.reset();
    progress.eta_total.reset();
    progress.workers_busy = 0;
    progress.chunk_took.reset();
    look_for_advance(now);
}

void Board::look_for_advance(Clock::time_point now) {
    Mark seen{progress.phase,         progress.units_done,      progress.rows_copied,
              progress.rows_verified, progress.changes_applied, progress.activity};
    if (seen == mark_) return;
    mark_ = std::move(seen);
    progress.advanced = now;
}

void Board::show(const throttle::Signals& signals) {
    progress.throttled = gate.reason();
    if (progress.throttled) {
        progress.eta.reset();
        progress.eta_total.reset();
    }
    progress.throttled_for = gate.closed_for();
    progress.workers_allowed = gate.allowed();
    progress.replica_lag = signals.facts().replica_lag;
    progress.signals = signals.states();
    progress.swap_when = when_it_swaps(*this);
    const auto now = Clock::now();
    look_for_advance(now);
    look_for_long_throttle(now);
}

void Board::look_for_long_throttle(Clock::time_point now) {
    if (!progress.throttled) {
        throttled_since_.reset();
        throttled_told_ = false;
        return;
    }
    if (!throttled_since_) throttled_since_ = now;
    if (throttled_told_ || now - *throttled_since_ < settings.hooks.throttled_after) return;
    throttled_told_ = true;
    tell(hooks::Moment::throttled, {{"REASON", *progress.throttled}});
}

void Board::tell(hooks::Moment moment, hooks::Facts more) {
    if (!rehearses()) hooks.tell(moment, std::move(more));
}

void Board::tell_once(hooks::Moment moment) {
    if (!rehearses()) hooks.tell_once(moment);
}

Task<std::optional<std::string>> Board::ask_before_cutover() {
    std::optional<std::string> why_not;
    if (rehearses()) co_return why_not;
    asked_ = true;
    if (!settings.hooks.at(hooks::Moment::before_cutover).empty()) {
        progress.activity = {"asking the hook before_cutover"};
        why_not = co_await hooks.ask(hooks::Moment::before_cutover);
        progress.activity = {};
    }
    co_return why_not;
}

void Board::called_off(const std::string& why) {
    ++progress.called_off;
    if (std::exchange(asked_, false)) tell(hooks::Moment::called_off, {{"REASON", why}});
}

void Board::attempt_lost(const std::string& why) {
    if (asked_ && (!progress.direct || contracts())) called_off(why);
}

hooks::Facts hook_facts(const Progress& progress, const config::Settings& settings) {
    hooks::Facts facts{{"TABLE", display_name(settings.table)},
                       {"PHASE", phase_name(progress.phase)},
                       {"STATE_DIR", settings.state_dir.string()},
                       {"FILE", settings.file.string()},
                       {"WAY", progress.direct ? "steps" : "shadow"},
                       {"ROWS_COPIED", std::to_string(progress.rows_copied)},
                       {"CUTOVER_ATTEMPTS", std::to_string(progress.cutover_attempts)},
                       {"REASON", ""}};
    if (progress.blocked_ms) facts["BLOCKED_MS"] = fmt::format("{:.1f}", *progress.blocked_ms);
    return facts;
}

}  // namespace pgwraith::migration
