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
    hooks.say = [&board](Activity activity) { board.progress.activity = std::move(activity); };
    hooks.waited = [&board, &store](double ms, std::string by) {
        return note_waiting(board, store, ms, std::move(by));
    };
    hooks.before_lock = [](online::Step) -> Task<void> { co_return; };
    hooks.kept_waiting = [](std::vector<online::TableLock>, std::string) -> Task<void> { co_return; };
    hooks.came_to = [&board](std::size_t done, std::size_t all) {
        board.progress.units_done = done;
        board.progress.units_total = all;
    };
    hooks.filled = [](const online::FillProgress&, const online::StepsAfter&) {};
    hooks.tried = [&board] { ++board.progress.cutover_attempts; };
    hooks.called_off = [&board] { ++board.progress.called_off; };
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
      owner_(owner),
      blockers_(sessions, board) {}

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
    group.spawn(report_throttle(board_, store_, *signals_, noted_wish_));
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
    hooks.before_lock = [this](online::Step step) { return wait_for_the_moment(std::move(step)); };
    hooks.kept_waiting = [this](std::vector<online::TableLock> locks, std::string what) {
        return blockers_.look(std::move(locks), std::move(what));
    };
    hooks.came_to = [this](std::size_t done, std::size_t all) { came_to_step(done, all); };
    hooks.filled = [this](const online::FillProgress& fill, const online::StepsAfter& after) { filled(fill, after); };
    return hooks;
}

void Direct::came_to_step(std::size_t done, std::size_t all) {
    auto& progress = board_.progress;
    progress.units_done = done;
    progress.units_total = all;
    progress.rows_per_second = 0;
    progress.eta.reset();
    progress.eta_total.reset();
    fill_speed_ = FillSpeed();
    row_speed_ = Speed();
}

void Direct::filled(const online::FillProgress& fill, const online::StepsAfter& after) {
    auto& progress = board_.progress;
    const auto now = Clock::now();
    if (std::exchange(fill_pass_, fill.pass) != fill.pass) row_speed_ = Speed();
    fill_speed_.measure(now, fill.pass, fill.blocks_done, fill.blocks);
    if (const auto rows = row_speed_.measure(now, progress.phase, fill.rows)) progress.rows_per_second = *rows;
    const bool compares = board_.settings.verify == config::Verify::full;
    progress.eta = fill_speed_.left();
    progress.eta_total = fill_speed_.left_in_all(after.reads, after.builds, compares);
}

// Somebody's word is awaited once, before the first step that stops readers; a later process needs none either.
Task<bool> Direct::was_told() {
    const auto states = co_await store_.journal().get<online::StepStates>();
    const auto list = co_await store_.journal().get<online::StepList>();
    if (!states || !list) co_return false;
    for (std::size_t at = 0; at < std::min(states->states.size(), list->steps.size()); ++at) {
        if (!list->steps[at].stops_readers()) continue;
        if (states->states[at].state != online::StepState::waiting) co_return true;
    }
    co_return false;
}

// In the window, and not while a signal is beyond its limit. The hook is asked before the first such step has begun:
// after that there is no way but on.
Task<void> Direct::wait_for_the_moment(online::Step step) {
    bool told = true;
    if (step.stops_readers()) told = co_await was_told();
    const auto word = told ? Word::given : Word::awaited;
    const auto what = board_.progress.activity;
    cutover::Pacing pacing;
    for (;;) {
        co_await migration::wait_for_the_moment(sessions_, board_, word, Phase::steps);
        if (told || asked_) break;
        const auto vetoed = co_await ask_before_cutover(sessions_, board_, word);
        if (!vetoed) break;
        board_.called_off(*vetoed);
        const auto pause = pacing.next();
        const auto line = fmt::format("the first step that stops readers was called off: {}; again in {}", *vetoed,
                                      format_duration(pause));
        board_.progress.activity = {line, Waits::called_off};
        spdlog::warn("{}", line);
        co_await sleep_for(pause);
    }
    asked_ = asked_ || !told;
    board_.progress.activity = what;
}

namespace {

Error renamed(const QualifiedName& table, const QualifiedName& now) {
    return Error(
        ErrorKind::stopped,
        fmt::format("{} is called {} now, and what was done to it is taken back by its name", table.sql(), now.sql()),
        "Nothing was dropped, and the state is kept. Give it its name back, then `pgwraith abort`.");
}

// What the steps had made went with it, but for an expansion's function. Returns what cannot be taken back.
Task<std::string> forget_table(postgres::Connection& connection, store::Store& store, QualifiedName table) {
    const auto expansion = co_await store.journal().get<online::Expansion>();
    if (expansion) co_await connection.script("DROP FUNCTION IF EXISTS " + expansion->function_name().sql() + "()");
    std::string line = "the table, which somebody has dropped";
    const auto another = co_await catalog::find_relation(connection, table);
    if (another) line += fmt::format(" (what is called {} now was not touched)", table.sql());
    co_return line;
}

}  // namespace

Task<void> require_not_taken_back(store::Store& store, Identity identity) {
    const bool taken_back = co_await State(store.journal()).taken_back();
    if (!taken_back) co_return;
    throw Error(
        ErrorKind::refused,
        fmt::format("the {} of {} is being taken back: an abort has begun with that and has not come to its end",
                    identity.rehearsal ? "rehearsal" : "migration", identity.table.sql()),
        "Nothing was changed. `pgwraith abort` goes on with it.");
}

Task<std::vector<std::string>> take_back(const postgres::Sessions& sessions, Board& board,
                                         std::unique_ptr<store::Store>& store, Identity identity) {
    std::vector<std::string> kept;
    auto connection = co_await sessions.open("take back");
    const auto now = co_await catalog::find_name(*connection, identity.table_oid);
    const auto begun = co_await store->journal().get<online::StepStates>();
    if (begun && now && *now != identity.table) throw renamed(identity.table, *now);
    if (!now) kept.push_back(co_await forget_table(*connection, *store, identity.table));
    connection->close();
    if (now) {
        online::Runner runner(sessions, *store, board.settings, board.gate, table_of(identity),
                              plain_hooks(board, *store));
        kept = co_await runner.undo();
    }
    co_await store::Store::destroy(store);
    co_return kept;
}

Task<void> finish_direct(const postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                         Identity identity) {
    co_await board.hooks.all_told();  // a process that is killed meanwhile tells it again
    auto connection = co_await sessions.open("finish");
    co_await leave_done(*connection, board.settings.state_dir, identity);
    fault_point("finish.recorded");
    co_await store::Store::destroy(store);
    fault_point("finish.destroyed");
    board.progress.phase = Phase::done;
}

}  // namespace pgwraith::migration
