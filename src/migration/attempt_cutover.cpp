// An attempt's last phases: ready, and the cutover.
#include <fmt/format.h>

#include "attempt.h"
#include "blockers.h"
#include "identity.h"
#include "moment.h"
#include "objects.h"
#include "trial.h"
#include "waiting.h"

namespace pgwraith::migration {

// Told to, in the window, and not while a signal is beyond its limit.
Task<void> Attempt::wait_for_the_moment() {
    MomentWatch watch(board_);
    for (;;) {
        const bool now = co_await watch.look(*session_);
        const bool asked = board_.verify_requested;
        if (asked) co_await verify_again();
        if (now && !asked) break;
        transfer::check_not_truncated(*capture_, pair_);
    }
}

namespace {

void note_swapped(const cutover::SwapResult& result) {
    spdlog::info("swapped: others waited {:.1f} ms at most", result.blocked_ms);
    const auto& took = *result.measured;
    spdlog::info(
        "the swap took: locks {:.1f} ms, stream {:.1f} ms, {} last keys {:.1f} ms, {} statements {:.1f} ms, "
        "commit {:.1f} ms",
        took.locks_ms, took.stream_ms, took.keys, took.keys_ms, took.statements, took.statements_ms, took.commit_ms);
}

void note_rehearsed(RehearsedStep& step, const cutover::SwapResult& result) {
    const auto& measured = *result.measured;
    step.waited_ms = measured.locks_ms;
    step.blocks_ms = result.blocked_ms + measured.commit_ms;
    step.parts = {{"locks", measured.locks_ms},
                  {"stream", measured.stream_ms},
                  {"last keys", measured.keys_ms},
                  {"statements", measured.statements_ms},
                  {"commit", measured.commit_ms}};
    step.note = fmt::format("{} statements", measured.statements);
    if (measured.after_commit > 0)
        step.note += fmt::format("; {} that would follow are not tried", measured.after_commit);
    spdlog::info("the swap was rehearsed and rolled back: others waited {:.1f} ms at most", result.blocked_ms);
}

}  // namespace

Task<void> Attempt::cut_over() {
    const auto ending = board_.rehearses() ? cutover::Ending::rehearsal : cutover::Ending::swap;
    cutover_ =
        std::make_unique<cutover::Cutover>(*moving_, *applier_, names_.old_schema, schema_marker(live_.name), ending);
    cutover::Pacing pacing;
    Blockers blockers(context_.sessions, board_);
    RehearsedStep rehearsed{"the swap", "tried", ""};
    const auto begun = Clock::now();
    for (;;) {
        co_await wait_for_the_moment();
        if (board_.progress.phase != Phase::cutover) board_.enter(Phase::cutover);
        co_await check_names();
        ++board_.progress.cutover_attempts;
        const auto vetoed = co_await ask_before_cutover(context_.sessions, board_, Word::awaited);
        cutover::SwapResult result{false, vetoed.value_or(""), 0};
        if (!vetoed) result = co_await attempt_cutover();
        co_await note_waiting(board_, context_.store, result.blocked_ms, "");
        if (result.swapped) {
            note_swapped(result);
            co_return;
        }
        ++rehearsed.attempts;
        if (result.measured) {
            note_rehearsed(rehearsed, result);
            rehearsed.took_ms = ms_since(begun);
            board_.rehearsed.steps = {rehearsed};
            co_return;
        }
        board_.called_off(result.reason);
        rehearsed.called_off_ms = std::max(rehearsed.called_off_ms, result.blocked_ms);
        auto pause = pacing.next();
        const auto what =
            fmt::format("attempt {} was called off: {}; others waited {:.1f} ms at most, the next in {}",
                        board_.progress.cutover_attempts, result.reason, result.blocked_ms, format_duration(pause));
        spdlog::warn("cutover {}", what);
        board_.progress.activity = {what, Waits::called_off};
        board_.progress.last_error = LastError{what, Clock::now()};
        if (!vetoed) {
            if (to_lock_.empty()) {
                co_await blockers.look_near(live_.oid, "the swap");
            } else {
                co_await blockers.look(to_lock_, "the swap");
            }
        }
        co_await sleep_for(pause);
    }
}

// Each attempt is planned anew: whatever others do to the table between two of them is nothing to stop for, as long as
// the swap would be right. A lock that somebody holds for his ALTER keeps the plan waiting; then a later attempt does
// it.
Task<cutover::SwapResult> Attempt::attempt_cutover() {
    cutover::Expectation expectation;
    std::optional<std::string> waits;
    to_lock_.clear();
    TaskGroup group(context_.executor);
    group.spawn(plan_cutover(expectation));
    group.spawn(cutover_->open_sessions());
    try {
        co_await group.join();
    } catch (const postgres::PgError& error) {
        if (!error.is(postgres::sqlstate::lock_not_available)) throw;
        waits = error.message();
    }
    if (waits) {
        const auto who = co_await who_is_in_the_way(context_.sessions, context_.identity.table);
        *waits = fmt::format("it could not be planned, because the table, or what hangs on it, is locked: {}{}", who,
                             who.empty() ? *waits : "");
        co_return cutover::SwapResult{false, *waits, 0};
    }
    for (const auto& lock : expectation.plan.locks) to_lock_.push_back({lock.name, lock.mode});
    auto result = co_await cutover_->attempt(expectation);
    co_return result;
}

// A publication that came while our index identified the rows, as FOR ALL TABLES may.
Task<void> Attempt::refuse_published(postgres::Connection& connection, BorrowedIdentity borrowed) {
    const auto publishers = co_await published_without_identity(connection, context_.identity.table_oid,
                                                                context_.identity.shadow_table(), borrowed.before);
    if (publishers.empty()) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("publication {} publishes UPDATE and DELETE of {}, and nothing would identify the rows of "
                            "the new table: the server would refuse the application's writes",
                            publishers, live_.name.sql()),
                "Nothing was swapped, and the state is kept. Take the table out of that publication, or let it publish "
                "INSERT only, and run the same command again; or `pgwraith abort`, and let `sql` give the table a "
                "primary key.");
}

// Everything of one moment: what the table is, whether that is still what the shadow was made from, what hangs on it.
Task<void> Attempt::plan_in_snapshot(cutover::Expectation& expectation) {
    auto& connection = *session_;
    const auto borrowed = co_await state_.borrowed_identity();
    co_await connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ");
    auto now = co_await catalog::read_definition(connection, context_.identity.table_oid);
    const auto changes = catalog::changes(definition_, now);
    watch_.say(changes);
    expectation.drift = changes.drift;
    expectation.fingerprint = co_await catalog::take_fingerprint(connection, context_.identity.table_oid);
    auto live = co_await catalog::read_table(connection, context_.identity.table_oid);
    co_await check_rights(connection);
    const auto as_read = as_read_by_the_role(board_.settings, context_.identity.settings);
    auto context = carry_context(live, blueprint_, names_, as_read);
    context.start = definition_;
    context.now = now;
    if (borrowed) {
        context.identity = borrowed->before;
        co_await refuse_published(connection, *borrowed);
    }
    expectation.plan = co_await carry::plan_swap(connection, context, blueprint_);
}

Task<void> Attempt::plan_cutover(cutover::Expectation& expectation) {
    std::exception_ptr failure;
    try {
        co_await plan_in_snapshot(expectation);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    co_await postgres::rollback_quietly(*session_);
    // What was altered explains it better than what the server says of the statements for it.
    if (failure && !expectation.drift.empty()) throw cutover::altered(live_.name, expectation.drift);
    if (failure) std::rethrow_exception(failure);
    if (board_.settings.verify == config::Verify::full) {
        expectation.keys = co_await transfer::Verifier::restless(context_.store.journal());
    }
}

}  // namespace pgwraith::migration
