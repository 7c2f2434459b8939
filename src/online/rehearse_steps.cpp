// What a rehearsal does with the steps that it does not make.
#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/online/runner.h"

namespace pgwraith::online {

Task<void> Runner::rehearse_step(std::size_t at) {
    const auto& step = steps_.at(at);
    if (step.in_rehearsal == InRehearsal::made) {
        co_await run_step(at);
        co_return;
    }
    doing_ = step.what;
    say({});
    if (step.in_rehearsal != InRehearsal::left_out) {
        if (step.kind == StepKind::locked) co_await try_statements(at);
        if (step.kind == StepKind::validate) co_await try_validation(at);
        if (step.kind == StepKind::fill) co_await compute(at);
        if (step.kind == StepKind::check) co_await look(at);
    }
    co_await record(at, StepState::done, 0);
    fault_point("rehearsal.step");
}

// With all that was tried before it: a column that is renamed has its new name in no other transaction.
ShortWork Runner::work_to_try(std::size_t at) const {
    ShortWork work{{}, {}, table_.oid};
    for (std::size_t before = 0; before <= at; ++before) {
        const auto& step = steps_.at(before);
        if (step.kind != StepKind::locked || step.in_rehearsal == InRehearsal::made) continue;
        if (step.in_rehearsal == InRehearsal::tried) {
            work.statements.insert(work.statements.end(), step.statements.begin(), step.statements.end());
        } else if (before != at) {
            continue;
        }
        join_locks(work.locks, step.locks);
    }
    return work;
}

// A step before it was not made, and what the server misses may be of it.
bool Runner::needs_what_is_not_made(std::size_t at, const postgres::PgError& error) const {
    using namespace postgres::sqlstate;
    const bool misses = error.is(undefined_object) || error.is(undefined_column) || error.is(undefined_table);
    return misses &&
           std::any_of(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(at), [](const Step& step) {
               return step.in_rehearsal == InRehearsal::locked || step.in_rehearsal == InRehearsal::left_out;
           });
}

Task<void> Runner::try_statements(std::size_t at) {
    const auto& step = steps_.at(at);
    cutover::Pacing pacing;
    for (int times = 0;;) {
        co_await wait_for_leave(step);
        hooks_.tried();
        Tried tried;
        std::optional<postgres::PgError> refused;
        try {
            tried = co_await short_lock_->attempt(work_to_try(at), {}, cutover::Ending::rehearsal);
        } catch (const postgres::PgError& error) {
            if (!needs_what_is_not_made(at, error)) throw;
            refused = error;
        }
        if (refused) {
            measured_.how = InRehearsal::left_out;
            measured_.note = "it needs a step that is not made: " + refused->message();
            co_return;
        }
        co_await hooks_.waited(tried.blocked_ms, step.what);
        measure(tried);
        if (tried.done) {
            spdlog::info("{}: tried and rolled back; others waited {:.1f} ms at most", step.what, tried.blocked_ms);
            co_return;
        }
        if (tried.too_long && ++times >= too_long_at_most) throw too_long(step);
        co_await pause(step.what, tried.why_not, pacing, false);
    }
}

// It keeps neither readers nor writers waiting, and lasts as long as the table is read.
Task<void> Runner::try_validation(std::size_t at) {
    const auto& step = steps_.at(at);
    co_await gate_.pass();
    auto connection = co_await open_reader();
    co_await script_patiently(*connection, step.what,
                              "BEGIN; " + step.statements.front() + "; " + cutover::end_of_rehearsal());
}

// What is found is no failure.
Task<void> Runner::look(std::size_t at) {
    const auto& step = steps_.at(at);
    co_await gate_.pass();
    auto connection = co_await sessions_.open_for_rows("check");
    std::string found;
    for (const auto& query : step.statements) {
        const auto rows = co_await connection->script(query);
        if (!rows.empty()) found += (found.empty() ? "" : "; ") + sentences(rows);
    }
    if (found.empty()) {
        measured_.note.clear();
        co_return;
    }
    measured_.note = fmt::format("{}; {}", found, step.why);
    spdlog::warn("{}: {}", step.what, measured_.note);
}

// Every row in which the column is NULL: an expression that fails is found, and nothing is written.
Task<void> Runner::compute(std::size_t at) {
    const auto& step = steps_.at(at);
    co_await gate_.pass();
    auto connection = co_await sessions_.open_for_rows("compute");
    for (const auto& setting : step.statements) co_await connection->script(setting);
    std::string counts;
    for (const auto& fill : step.fills) {
        counts += fmt::format(
            "{}pg_catalog.count(*) FILTER (WHERE {} IS NOT DISTINCT FROM NULL AND ({}\n) IS DISTINCT FROM NULL)",
            counts.empty() ? "" : ", ", quote_identifier(fill.column), fill.expression);
    }
    const auto query = fmt::format("SELECT {} FROM ONLY {}", counts, table_.name.sql());
    const auto found = co_await connection->script(query);
    measured_.note.clear();
    for (std::size_t i = 0; i < step.fills.size(); ++i) {
        const auto rows = format_count(found.uint64(0, static_cast<int>(i)));
        if (step.fills.size() > 1) measured_.note += step.fills[i].column + ": ";
        measured_.note += rows + " rows would be filled; ";
    }
    measured_.note += step.why;
    spdlog::info("{}: {}", step.what, measured_.note);
}

}  // namespace pgwraith::online
