#include "direct.h"

#include <fmt/format.h>

#include "contract.h"
#include "done.h"
#include "expansion.h"
#include "identity.h"
#include "moment.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/online/recipes.h"
#include "waiting.h"
#include "way.h"

namespace pgwraith::migration {

namespace {

constexpr milliseconds report_interval{250};

online::LiveTable table_of(const Identity& identity) { return {identity.table_oid, identity.table}; }

// In a rehearsal; a sentence's end.
std::string become_of(const online::Step& step) {
    switch (step.in_rehearsal) {
        case online::InRehearsal::made:
            return "";
        case online::InRehearsal::tried:
            return ", only tried: " + step.why;
        case online::InRehearsal::locked:
            return ", its lock only: " + step.why;
        case online::InRehearsal::left_out:
            break;
    }
    return ", left out: " + step.why;
}

const char* name_of(online::InRehearsal how) {
    switch (how) {
        case online::InRehearsal::made:
            return "made";
        case online::InRehearsal::tried:
            return "tried";
        case online::InRehearsal::locked:
            return "locked";
        case online::InRehearsal::left_out:
            break;
    }
    return "left out";
}

// Recorded at once: a later process tells it too.
Task<void> note_measured(Board& board, store::Store& store, online::StepMeasured step) {
    RehearsedStep noted{step.what,     name_of(step.how), step.note,      step.took_ms,
                        step.attempts, step.waited_ms,    step.blocks_ms, step.called_off_ms};
    board.rehearsed.steps.push_back(std::move(noted));
    co_await State(store.journal()).set_rehearsed(board.rehearsed);
}

// What reaches others of a runner's work, whatever it does.
online::Hooks plain_hooks(Board& board, store::Store& store) {
    online::Hooks hooks;
    hooks.say = [&board](const std::string& what) { board.progress.activity = what; };
    hooks.waited = [&board, &store](double ms, std::string by) {
        return note_waiting(board, store, ms, std::move(by));
    };
    hooks.before_readers_stop = []() -> Task<void> { co_return; };
    hooks.came_to = [&board](std::size_t done, std::size_t all) {
        board.progress.units_done = done;
        board.progress.units_total = all;
    };
    hooks.tried = [&board] { ++board.progress.cutover_attempts; };
    hooks.measured = [&board, &store](online::StepMeasured step) {
        return note_measured(board, store, std::move(step));
    };
    return hooks;
}

}  // namespace

Direct::Direct(asio::any_io_executor executor, Board& board, store::Store& store, const postgres::Sessions& sessions,
               Identity identity, Owner& owner)
    : executor_(executor),
      board_(board),
      store_(store),
      state_(store.journal()),
      sessions_(sessions),
      identity_(std::move(identity)),
      owner_(owner) {}

// The list never changes: what it was made from is recorded with it.
Task<void> Direct::make_list() {
    board_.enter(Phase::prepare);
    if (identity_.expands()) {
        auto steps = co_await begin_expansion(sessions_, board_, store_, identity_);
        co_await record_list(std::move(steps));
        co_return;
    }
    auto connection = co_await sessions_.open_for_rows("steps");
    auto as_read = as_read_by_the_role(board_.settings, identity_.settings);
    as_read.strategy = config::Strategy::direct;  // it was decided when the migration began
    const auto live = co_await catalog::read_table(*connection, identity_.table_oid);
    auto chosen = co_await choose_way(*connection, as_read, live);
    if (!chosen.direct()) {
        throw Error(ErrorKind::refused, fmt::format("{} was altered just now", identity_.table.sql()),
                    "Nothing was changed. Run again.");
    }
    for (const auto& line : co_await online::keep_one_moment(*connection, chosen.parts)) spdlog::info("{}", line);
    auto steps = co_await plan_steps(*connection, chosen, live, board_.rehearses());
    co_await record_list(std::move(steps));
}

Task<void> Direct::record_list(std::vector<online::Step> steps) {
    online::StepList list;
    list.steps = std::move(steps);
    for (const auto& step : list.steps) {
        const auto instead = board_.rehearses() ? become_of(step) : "";
        spdlog::info("step: {} ({}){}", step.what, step.lock(), instead);
    }
    co_await store_.journal().put(std::move(list));
    fault_point("direct.list");
    co_await state_.set_phase(Phase::steps);
    fault_point("direct.steps");
}

Task<void> Direct::run() {
    const auto phase = co_await state_.phase();
    if (phase == Phase::prepare) co_await make_list();
    board_.enter(Phase::steps);
    const throttle::Context judged{sessions_, board_.settings, board_.gate, board_.standbys};
    co_await recall_wish(board_, store_, noted_wish_);
    signals_ = std::make_unique<throttle::Signals>(judged, "");
    co_await signals_->begin();
    runner_ =
        std::make_unique<online::Runner>(sessions_, store_, board_.settings, board_.gate, table_of(identity_), hooks());
    TaskGroup group(executor_);
    group.spawn(signals_->run());
    group.spawn(report());
    group.spawn(owner_.watch());
    group.spawn(run_steps(group));
    co_await group.join();
}

// All but what cannot be taken back; whoever called us goes back.
Task<void> Direct::rehearse(TaskGroup& group) {
    const auto recorded = co_await state_.rehearsed();
    if (recorded) board_.rehearsed.steps = recorded->steps;
    co_await runner_->rehearse();
    if (identity_.expands()) {
        co_await compare();
        board_.enter(Phase::contract);
        co_await rehearse_contraction(board_, store_, sessions_, identity_);
    }
    group.cancel();
}

Task<void> Direct::run_steps(TaskGroup& group) {
    if (board_.rehearses()) {
        co_await rehearse(group);
        co_return;
    }
    co_await runner_->run();
    if (identity_.expands()) {
        co_await compare();
        group.cancel();
        co_return;
    }
    co_await state_.set_phase(Phase::done);
    const auto steps = board_.progress.units_done;
    board_.enter(Phase::done);
    board_.progress.units_done = steps;  // for the summary
    fault_point("direct.done");
    group.cancel();
}

// Not before old and new agree in all rows may a new version of the application read the new columns.
Task<void> Direct::compare() {
    co_await state_.set_phase(Phase::compare);
    board_.enter(Phase::compare);
    co_await compare_columns(sessions_, board_, store_, false);
    fault_point("expand.compared");
    co_await state_.set_phase(Phase::expanded);
    board_.enter(Phase::expanded);
    fault_point("expand.expanded");
}

online::Hooks Direct::hooks() {
    auto hooks = plain_hooks(board_, store_);
    hooks.before_readers_stop = [this] { return wait_until_told(); };
    return hooks;
}

// Once it was told to go on it goes to its end; so does a later process.
Task<void> Direct::wait_until_told() {
    const auto states = co_await store_.journal().get<online::StepStates>();
    const auto list = co_await store_.journal().get<online::StepList>();
    if (states && list) {
        for (std::size_t at = 0; at < std::min(states->states.size(), list->steps.size()); ++at) {
            if (!list->steps[at].stops_readers()) continue;
            const auto state = states->states[at].state;
            if (state != online::StepState::waiting && state != online::StepState::undone) co_return;
        }
    }
    const auto what = board_.progress.activity;
    auto connection = co_await sessions_.open("clock");
    MomentWatch watch(board_);
    for (bool now = false; !now;) now = co_await watch.look(*connection);
    if (board_.progress.phase != Phase::steps) board_.enter(Phase::steps);
    board_.progress.activity = what;
}

Task<void> Direct::report() {
    for (;;) {
        auto& progress = board_.progress;
        co_await note_wish(board_, store_, noted_wish_);
        progress.throttled = board_.gate.reason();
        progress.throttled_for = board_.gate.closed_for();
        progress.workers_allowed = board_.gate.allowed();
        progress.replica_lag = signals_->facts().replica_lag;
        progress.signals = signals_->states();
        co_await sleep_for(report_interval);
    }
}

Task<std::vector<std::string>> take_back(const postgres::Sessions& sessions, Board& board, store::Store& store,
                                         Identity identity) {
    online::Runner runner(sessions, store, board.settings, board.gate, table_of(identity), plain_hooks(board, store));
    auto kept = co_await runner.undo();
    co_return kept;
}

Task<void> finish_direct(const postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                         Identity identity) {
    auto connection = co_await sessions.open("finish");
    auto record = co_await done_record(*connection, identity);
    co_await store::Store::leave_record(board.settings.state_dir, record);
    fault_point("finish.recorded");
    co_await store::Store::destroy(store);
    fault_point("finish.destroyed");
    board.progress.phase = Phase::done;
}

}  // namespace pgwraith::migration
