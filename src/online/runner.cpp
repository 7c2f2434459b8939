#include "pgwraith/online/runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/online/fill.h"
#include "pgwraith/postgres/data_error.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::online {

namespace {

constexpr milliseconds undo_patience{60'000};

Error forgotten(const Step& step, Xid xid) {
    return Error(
        ErrorKind::stopped,
        fmt::format("the server no longer knows whether transaction {} committed, which was to {}", xid, step.what),
        "Too many transactions have passed. Look at the table, undo by hand what is there, and remove the "
        "state directory.");
}

}  // namespace

Runner::Runner(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
               throttle::Gate& gate, LiveTable table, Hooks hooks)
    : sessions_(sessions),
      store_(store),
      settings_(settings),
      gate_(gate),
      table_(std::move(table)),
      hooks_(std::move(hooks)),
      short_lock_(std::make_unique<ShortLock>(sessions, settings)),
      index_build_(std::make_unique<IndexBuild>(sessions, settings, gate,
                                                [this](Activity activity) { say(std::move(activity)); })) {}

Runner::~Runner() = default;

std::string Runner::sentences(const postgres::Result& rows) {
    std::string text;
    for (int row = 0; row < rows.rows(); ++row) text += (row > 0 ? "; " : "") + rows.str(row, 0);
    return text;
}

void Runner::say(Activity activity) {
    activity.text = activity.text.empty() ? doing_ : doing_ + ": " + activity.text;
    hooks_.say(std::move(activity));
}

Task<void> Runner::load() {
    auto list = co_await store_.journal().get<StepList>();
    auto states = co_await store_.journal().get<StepStates>();
    steps_.clear();
    states_.clear();
    if (list) steps_ = std::move(list->steps);
    if (states) states_ = std::move(states->states);
    states_.resize(steps_.size());
}

StepsAfter steps_after(const std::vector<Step>& steps, std::size_t at) {
    StepsAfter after;
    for (std::size_t next = at + 1; next < steps.size(); ++next) {
        const auto kind = steps[next].kind;
        if (kind == StepKind::create_index) ++after.builds;
        if (kind == StepKind::validate || kind == StepKind::check) ++after.reads;
    }
    return after;
}

Task<void> Runner::record(std::size_t at, StepState state, Xid xid) {
    states_.at(at) = StepRecord{state, xid};
    StepStates states{states_};
    co_await store_.journal().put(std::move(states));
}

bool Runner::nothing_made() const {
    for (std::size_t at = 0; at < steps_.size(); ++at) {
        if (states_[at].state != StepState::waiting && steps_[at].kind != StepKind::check) return false;
    }
    return true;
}

// Its connection was lost, or its process died, while it was under way: the server knows.
Task<bool> Runner::settle(std::size_t at) {
    const auto record = states_.at(at);
    if (record.xid == 0) co_return false;
    auto connection = co_await sessions_.open("settle");
    const auto status = co_await postgres::final_xact_status(*connection, record.xid);
    if (status == postgres::XactStatus::forgotten) throw forgotten(steps_[at], record.xid);
    co_return status == postgres::XactStatus::committed;
}

Task<void> Runner::run() {
    co_await load();
    const auto total = steps_.size();
    for (std::size_t at = 0; at < total; ++at) {
        hooks_.came_to(at, total);
        if (states_[at].state == StepState::done) continue;
        co_await run_step(at);
        made_progress_ = true;
    }
    hooks_.came_to(total, total);
    hooks_.say({});
}

Task<void> Runner::rehearse() {
    rehearses_ = true;
    co_await load();
    const auto total = steps_.size();
    for (std::size_t at = 0; at < total; ++at) {
        hooks_.came_to(at, total);
        if (states_[at].state == StepState::done) continue;
        const auto begun = Clock::now();
        measured_ = StepMeasured{steps_[at].what, steps_[at].in_rehearsal, steps_[at].why};
        co_await rehearse_step(at);
        measured_.took_ms = ms_since(begun);
        co_await hooks_.measured(measured_);
        made_progress_ = true;
    }
    hooks_.came_to(total, total);
    hooks_.say({});
}

Task<void> Runner::run_step(std::size_t at) {
    const auto& step = steps_.at(at);
    const auto state = states_.at(at).state;
    doing_ = step.what;
    say({});
    if (step.kind == StepKind::locked) {
        bool done = false;
        if (state == StepState::begun) done = co_await settle(at);
        if (done) spdlog::info("{}: it had been done", step.what);
        if (!done) co_await run_locked(at);
    } else if (step.kind == StepKind::check) {
        co_await gate_.pass();
        co_await check(step);
    } else if (step.kind == StepKind::fill) {
        co_await record(at, StepState::begun, 0);
        fault_point("step.begun");
        // An outage in hours of filling is no attempt that came to nothing.
        const auto told = [this](const std::string& what) {
            made_progress_ = true;
            say({what});
        };
        const auto after = steps_after(steps_, at);
        const auto came_to = [this, after](const FillProgress& progress) { hooks_.filled(progress, after); };
        Fill fill(sessions_, store_, settings_, gate_, table_.oid, table_.name, step, told, came_to);
        if (rehearses_) fill.wait_for_nobody();
        const auto lines = co_await fill.run();
        for (const auto& line : lines) spdlog::info("{}", line);
        measured_.note = fmt::format("{}", fmt::join(lines, "; "));
    } else if (step.kind == StepKind::create_index || step.kind == StepKind::drop_index) {
        co_await gate_.pass();
        co_await run_index(at);
    } else {
        co_await gate_.pass();
        co_await run_reading(at);
    }
    co_await record(at, StepState::done, states_.at(at).xid);
    fault_point("step.done");
}

Task<void> Runner::check(const Step& step) {
    auto connection = co_await sessions_.open_for_rows("check");
    for (const auto& query : step.statements) {
        std::optional<postgres::PgError> failed;
        std::optional<postgres::Result> found;
        try {
            found = co_await connection->script(query);
        } catch (const postgres::PgError& error) {
            // An expression that cannot be computed of a row, as of 1 / 0, or a function that raises.
            if (!postgres::is_data_error(error) || !nothing_made()) throw;
            failed = error;
        }
        if (failed) {
            throw Error(ErrorKind::refused, fmt::format("{}: {}", step.what, failed->message()),
                        "Nothing was changed. Correct the rows, or the expression, then run again.");
        }
        if (found->empty()) continue;
        if (nothing_made()) {
            throw Error(ErrorKind::refused, sentences(*found),
                        "Nothing was changed. Correct these rows, then run again.");
        }
        throw Error(ErrorKind::stopped, sentences(*found),
                    "The state is kept: correct these rows, then the same command carries on; `pgwraith abort` takes "
                    "back what was done.");
    }
}

Task<void> Runner::pause(const std::string& what, const std::string& why, cutover::Pacing& pacing, bool undoing) {
    const auto wait = pacing.next();
    hooks_.called_off();
    if (undoing) {
        if (!undoing_since_) undoing_since_ = Clock::now();
        if (Clock::now() + wait > *undoing_since_ + undo_patience) {
            throw Error(ErrorKind::stopped,
                        fmt::format("{} cannot be taken back, because of locks that others hold: {}", what, why),
                        "The state is kept: `pgwraith abort` goes on with what is left.");
        }
    }
    const auto text = fmt::format("{} was called off: {}; again in {}", what, why, format_duration(wait));
    spdlog::warn("{}", text);
    hooks_.say({text, Waits::called_off});
    co_await sleep_for(wait);
    say({});
}

// The record of the transaction comes before its first lock.
Task<Tried> Runner::try_locked(std::size_t at, ShortWork work, StepState meanwhile) {
    hooks_.tried();
    const auto intent = [this, at, meanwhile](Xid xid) { return record(at, meanwhile, xid); };
    const auto tried = co_await short_lock_->attempt(std::move(work), intent);
    co_await hooks_.waited(tried.blocked_ms, steps_[at].what);
    measure(tried);
    co_return tried;
}

void Runner::measure(const Tried& tried) {
    ++measured_.attempts;
    if (!tried.done) {
        measured_.called_off_ms = std::max(measured_.called_off_ms, tried.blocked_ms);
        return;
    }
    measured_.waited_ms = tried.waited_ms;
    measured_.blocks_ms = tried.blocked_ms + tried.commit_ms;
}

Error Runner::too_long(const Step& step) const {
    return takes_too_long(step.what, settings_.cutover.max_blocked,
                          "The state is kept. Raise cutover.max_blocked, if the application may wait for so long, and "
                          "run the same command again; or `pgwraith abort`, then `strategy: shadow`.");
}

// Whoever stops nobody heeds the gate alone.
Task<void> Runner::wait_for_leave(const Step& step) {
    if (step.stops_writers()) {
        co_await hooks_.before_lock(step);
    } else {
        co_await gate_.pass();
    }
}

Task<void> Runner::run_locked(std::size_t at) {
    const auto& step = steps_.at(at);
    cutover::Pacing pacing;
    int times = 0;
    for (;;) {
        co_await wait_for_leave(step);
        ShortWork work{step.locks, step.statements, table_.oid};
        const auto tried = co_await try_locked(at, std::move(work), StepState::begun);
        if (tried.done) {
            spdlog::info("{}: done; others waited {:.1f} ms at most", step.what, tried.blocked_ms);
            co_return;
        }
        if (tried.too_long && ++times >= too_long_at_most) throw too_long(step);
        if (!tried.too_long) co_await hooks_.kept_waiting(step.locks, step.what);
        co_await pause(step.what, tried.why_not, pacing, false);
    }
}

IndexWork Runner::index_work(const Step& step) const {
    return {table_.oid, {table_.name.schema, step.index}, step.statements.front()};
}

// Again what was asked before anything was made. Empty: nothing is found, or was not asked.
Task<std::string> Runner::duplicates_of(std::string index) {
    std::string found;
    for (const auto& step : steps_) {
        if (step.kind != StepKind::check || step.index != index || step.in_rehearsal == InRehearsal::left_out) continue;
        auto connection = co_await sessions_.open_for_rows("check");
        const auto rows = co_await connection->script(step.statements.front());
        found = sentences(rows);
    }
    co_return found;
}

// Rows that the application has written since they were looked for are named as those would have been.
Task<WhyNot> Runner::build_index(IndexWork work) {
    std::optional<postgres::PgError> refused;
    WhyNot why;
    try {
        why = co_await index_build_->create(work);
    } catch (const postgres::PgError& error) {
        if (!error.is(postgres::sqlstate::unique_violation)) throw;
        refused = error;
    }
    if (!refused) co_return why;
    const auto found = co_await duplicates_of(work.index.name);
    if (found.empty()) throw postgres::PgError(*refused);
    throw Error(ErrorKind::stopped, fmt::format("{}: {}", doing_, found),
                "The state is kept: correct these rows, then the same command carries on; `pgwraith abort` takes back "
                "what was done.");
}

Task<void> Runner::run_index(std::size_t at) {
    const auto& step = steps_.at(at);
    const auto work = index_work(step);
    const bool creates = step.kind == StepKind::create_index;
    if (creates && states_.at(at).state != StepState::begun) {
        auto connection = co_await sessions_.open("index name");
        const auto found = co_await IndexBuild::look(*connection, table_.oid, work.index);
        if (found != IndexBuild::Found::none) {
            throw Error(
                ErrorKind::stopped,
                fmt::format("there is an index {} already, which this migration did not make", work.index.sql()),
                "Rename or drop it, then run the same command again; or `pgwraith abort`.");
        }
    }
    co_await record(at, StepState::begun, 0);
    fault_point("step.begun");
    cutover::Pacing pacing;
    for (;;) {
        WhyNot why;
        if (creates) {
            why = co_await build_index(work);
        } else {
            why = co_await index_build_->drop(work);
        }
        if (why.empty()) co_return;
        co_await pause(step.what, why, pacing, false);
    }
}

// For statements that last and keep neither readers nor writers waiting: a lock is waited for until autovacuum yields.
Task<std::unique_ptr<postgres::Connection>> Runner::open_reader() {
    auto connection = co_await sessions_.open_for_rows("step");
    const auto wait = co_await catalog::time_to_yield(*connection);
    co_await connection->script(
        fmt::format("SET lock_timeout = '{}ms'; SET client_connection_check_interval = '1s'", wait.count()));
    co_return connection;
}

Task<void> Runner::script_patiently(postgres::Connection& connection, std::string what, std::string sql) {
    cutover::Pacing pacing;
    for (;;) {
        std::string why;
        try {
            co_await catalog::script_naming_holders(connection, sql, table_.oid,
                                                    catalog::LockStrength::share_update_exclusive);
        } catch (const postgres::PgError& error) {
            if (!error.lock_refused()) throw;
            why = error.message();
        }
        if (why.empty()) co_return;
        std::vector<TableLock> locks;
        locks.push_back({table_.name, "SHARE UPDATE EXCLUSIVE"});
        co_await hooks_.kept_waiting(std::move(locks), what);
        co_await pause(what, why, pacing, false);
    }
}

// VALIDATE and ANALYZE: harmless when they run again.
Task<void> Runner::run_reading(std::size_t at) {
    const auto& step = steps_.at(at);
    auto connection = co_await open_reader();
    co_await record(at, StepState::begun, 0);
    fault_point("step.begun");
    for (const auto& statement : step.statements) co_await script_patiently(*connection, step.what, statement);
}

}  // namespace pgwraith::online
