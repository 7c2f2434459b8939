#include "rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "context.h"
#include "direct.h"
#include "ending.h"
#include "pgwraith/base/faults.h"
#include "retry.h"

namespace pgwraith::migration {

std::optional<std::string> failed_because(const std::exception_ptr& failure, const Progress& progress) {
    if (is_cancellation(failure) || transient_failure(failure)) return std::nullopt;
    const auto doing = doing_in_words(progress);
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) return std::nullopt;
        return doing + ": " + error.message();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::stopped) return doing + ": " + error.message();
    } catch (...) {
        return std::nullopt;
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::int64_t>> times_of_phases(const Progress& progress) {
    std::vector<std::pair<std::string, std::int64_t>> times;
    for (const auto& [phase, took] : progress.phase_times) {
        const auto name = phase_name(phase);
        const auto same = std::ranges::find_if(times, [&](const auto& one) { return one.first == name; });
        if (same == times.end()) {
            times.emplace_back(name, took.count());
        } else {
            same->second += took.count();
        }
    }
    return times;
}

Task<void> turn_back(Board& board, store::Store& store, std::string failed) {
    board.enter(Phase::going_back);
    if (!failed.empty()) spdlog::error("the rehearsal has failed {}; it goes back now", failed);
    auto rehearsed = board.rehearsed;
    rehearsed.failed = std::move(failed);
    rehearsed.phases = times_of_phases(board.progress);
    State state(store.journal());
    co_await state.set_rehearsed(std::move(rehearsed));
    fault_point("rehearsal.recorded");
    co_await state.set_phase(Phase::going_back);
    fault_point("rehearsal.going_back");
}

Task<void> go_back(postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                   Identity identity) {
    if (board.progress.phase != Phase::going_back) board.enter(Phase::going_back);
    const auto recorded = co_await State(store->journal()).rehearsed();
    auto rehearsed = recorded.value_or(Rehearsed());
    rehearsed.interrupted = rehearsed.interrupted || board.rehearsed.interrupted;
    const auto begun = Clock::now();
    if (identity.direct()) {
        rehearsed.kept = co_await take_back(sessions, board, store, identity);
    } else {
        rehearsed.kept = co_await drop_everything(sessions, store, board.settings.cutover.lock_timeout);
    }
    fault_point("rehearsal.gone_back");
    rehearsed.way_back_ms = ms_since(begun);
    board.progress.slot = false;
    board.progress.borrowed_identity.clear();
    board.progress.rehearsed = std::move(rehearsed);
}

void require_same_purpose(const Board& board, const Identity& identity, Phase phase) {
    if (board.rehearses() == identity.rehearsal) return;
    const auto what = fmt::format("{} of {} is not finished (phase {}), its state is in {}",
                                  identity.rehearsal ? "a rehearsal" : "a migration", identity.table.sql(),
                                  phase_name(phase), board.settings.state_dir.string());
    if (identity.rehearsal) {
        throw Error(
            ErrorKind::refused, what,
            "Nothing was changed. `pgwraith rehearse` carries it on and goes back, `pgwraith abort` goes back at "
            "once.");
    }
    const char* on = phase == Phase::expanded || phase == Phase::contract ? "`pgwraith contract` ends it"
                                                                          : "`pgwraith run` carries it on";
    throw Error(ErrorKind::refused, what,
                fmt::format("Nothing was changed. {}, `pgwraith abort` {}; rehearse before or after it.", on,
                            what_abort_does(identity.direct())));
}

Error rehearsal_failed(const QualifiedName& table, const std::string& why) {
    return Error(ErrorKind::aborted,
                 fmt::format("the rehearsal has failed {}; everything that was made for {} is gone, the table is as it "
                             "was",
                             why, table.sql()),
                 "`pgwraith run` would stop there as well. Remove the cause, then rehearse again.");
}

Error rehearsal_stopped(Phase phase, bool slot) {
    const bool back = phase == Phase::going_back;
    std::string hint = back ? "The same command, or `pgwraith abort`, goes on with what is left."
                            : "The same command carries on, and goes back in the end; `pgwraith abort` goes back at "
                              "once.";
    if (slot) hint += " Until then the replication slot keeps WAL on the server.";
    return Error(ErrorKind::stopped,
                 back ? "stopped on request, on the way back of the rehearsal"
                      : "stopped on request; the rehearsal's state is kept",
                 hint);
}

}  // namespace pgwraith::migration
