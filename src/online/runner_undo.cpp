// Takes back what the steps of a direct change made, the last step first.
#include <algorithm>

#include "pgwraith/base/faults.h"
#include "pgwraith/online/fill.h"
#include "pgwraith/online/runner.h"

namespace pgwraith::online {

Task<std::vector<std::string>> Runner::undo() {
    co_await load();
    undoing_since_.reset();
    auto& journal = store_.journal();
    const auto begun = co_await journal.get<TakingBack>();
    auto back = begun.value_or(TakingBack());
    if (!begun) co_await journal.put(back);
    fault_point("undo.begun");
    for (std::size_t at = steps_.size(); at-- > 0;) {
        const auto state = states_[at].state;
        if (state == StepState::waiting || state == StepState::undone) continue;
        if (steps_[at].in_rehearsal != InRehearsal::made) continue;
        doing_ = "taking back: " + steps_[at].what;
        say({});
        if (co_await in_effect(at)) {
            co_await note_kept(at, back);
            co_await undo_step(at);
        }
        co_await record(at, StepState::undone, 0);
        fault_point("step.undone");
    }
    hooks_.say({});
    co_return back.kept;
}

// As far as is known.
Task<bool> Runner::in_effect(std::size_t at) {
    const auto state = states_.at(at).state;
    if (steps_.at(at).kind != StepKind::locked || state == StepState::done) co_return true;
    const bool happened = co_await settle(at);
    co_return (state == StepState::begun) == happened;
}

// Before it is taken back: a process that dies behind the COMMIT would not know it any more.
Task<void> Runner::note_kept(std::size_t at, TakingBack& back) {
    const auto& kept = steps_.at(at).kept;
    if (kept.empty() || std::ranges::find(back.kept, kept) != back.kept.end()) co_return;
    back.kept.insert(back.kept.begin(), kept);
    co_await store_.journal().put(back);
}

Task<void> Runner::undo_step(std::size_t at) {
    const auto kind = steps_.at(at).kind;
    if (kind == StepKind::locked) co_await undo_locked(at);
    if (kind == StepKind::create_index) co_await undo_index(at);
    if (kind == StepKind::fill) {
        co_await store_.journal().erase<FillState>();
        co_await store_.journal().clear_chunks();
    }
}

Task<void> Runner::undo_locked(std::size_t at) {
    const auto& step = steps_.at(at);
    if (step.undo.empty()) co_return;
    cutover::Pacing pacing;
    for (;;) {
        ShortWork work{step.locks, step.undo, table_.oid};
        const auto tried = co_await try_locked(at, std::move(work), StepState::undoing);
        if (tried.done) {
            spdlog::info("taken back: {}; others waited {:.1f} ms at most", step.what, tried.blocked_ms);
            co_return;
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
