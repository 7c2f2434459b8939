// Takes back what the steps of a direct change made, the last step first.
#include <algorithm>

#include "pgwraith/base/faults.h"
#include "pgwraith/online/fill.h"
#include "pgwraith/online/runner.h"

namespace pgwraith::online {

Task<std::vector<std::string>> Runner::undo() {
    co_await load();
    undoing_since_.reset();
    std::vector<std::string> kept;
    for (std::size_t at = steps_.size(); at-- > 0;) {
        const auto state = states_[at].state;
        if (state == StepState::waiting || state == StepState::undone) continue;
        if (steps_[at].in_rehearsal != InRehearsal::made) continue;
        doing_ = "taking back: " + steps_[at].what;
        say({});
        const bool was_done = co_await undo_step(at);
        if (was_done && !steps_[at].kept.empty()) kept.push_back(steps_[at].kept);
        co_await record(at, StepState::undone, 0);
        fault_point("step.undone");
    }
    std::ranges::reverse(kept);
    hooks_.say({});
    co_return kept;
}

// Whether it was in effect, as far as is known.
Task<bool> Runner::undo_step(std::size_t at) {
    const auto kind = steps_.at(at).kind;
    bool was_done = true;
    if (kind == StepKind::locked) was_done = co_await undo_locked(at);
    if (kind == StepKind::create_index) co_await undo_index(at);
    if (kind == StepKind::fill) {
        co_await store_.journal().erase<FillState>();
        co_await store_.journal().clear_chunks();
    }
    co_return was_done;
}

Task<bool> Runner::undo_locked(std::size_t at) {
    const auto& step = steps_.at(at);
    const auto state = states_.at(at).state;
    if (state != StepState::done) {
        const bool happened = co_await settle(at);
        const bool in_effect = (state == StepState::begun) == happened;
        if (!in_effect) co_return false;
    }
    if (step.undo.empty()) co_return true;
    cutover::Pacing pacing;
    for (;;) {
        ShortWork work{step.locks, step.undo, table_.oid};
        const auto tried = co_await try_locked(at, std::move(work), StepState::undoing);
        if (tried.done) {
            spdlog::info("taken back: {}; others waited {:.1f} ms at most", step.what, tried.blocked_ms);
            co_return true;
        }
        co_await pause(step.what, tried.why_not, pacing, true);
    }
}

// A constraint that was made of it has taken it along.
Task<void> Runner::undo_index(std::size_t at) {
    const auto& step = steps_.at(at);
    const auto work = index_work(step);
    cutover::Pacing pacing;
    for (;;) {
        const WhyNot why = co_await index_build_->drop(work);
        if (why.empty()) {
            spdlog::info("taken back: {}", step.what);
            co_return;
        }
        co_await pause(step.what, why, pacing, true);
    }
}

}  // namespace pgwraith::online
