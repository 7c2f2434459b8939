// The supervisor: one process's way through a migration, attempt by attempt.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/system/system_error.hpp>

#include "attempt.h"
#include "claim.h"
#include "connections.h"
#include "context.h"
#include "contract.h"
#include "direct.h"
#include "done.h"
#include "ending.h"
#include "expansion.h"
#include "pgwraith/migration/migration.h"
#include "rehearsal.h"
#include "requests.h"
#include "retry.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

std::string hint_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.hint();
    } catch (...) {
        return "";
    }
}

bool is_refusal(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::refused;
    } catch (...) {
        return false;
    }
}

}  // namespace

class Run : public Migration {
  public:
    Run(asio::any_io_executor executor, config::Settings settings, Purpose purpose)
        : executor_(executor),
          board_(executor, std::move(settings)),
          sessions_(board_.settings.connection),
          retry_(board_),
          claim_(board_, sessions_, store_, retry_) {
        board_.progress.started = Clock::now();
        board_.progress.contracts = purpose == Purpose::contract;
        board_.progress.rehearsal = purpose == Purpose::rehearse;
        board_.progress.direct = board_.progress.expands = !board_.settings.expand.empty();
    }

    Task<void> run() override;

    const Progress& progress() const override { return board_.progress; }
    const config::Settings& settings() const override { return board_.settings; }
    std::string pause() override { return migration::pause(board_); }
    std::string resume() override { return migration::resume(board_); }
    std::string request_cutover(std::optional<std::chrono::system_clock::time_point> at) override {
        return migration::request_cutover(board_, at);
    }
    std::string postpone() override { return migration::postpone(board_); }
    Task<void> keep_wish() override;
    std::string request_verify() override { return migration::request_verify(board_); }
    std::string request_abort() override;
    std::string set(const std::string& key, const std::string& value) override {
        return migration::set(board_, key, value);
    }
    void read_settings_again() override { migration::read_settings_again(board_); }
    void reported() override;

  private:
    Task<void> supervise();
    Task<void> one_attempt();
    Task<void> migrate(Claimed& claimed);
    Task<void> migrate_directly(const Claimed& claimed);
    Task<void> expand_or_contract(const Claimed& claimed);
    Task<void> rehearse(Claimed& claimed);
    Task<bool> already_swapped();
    Task<std::vector<std::string>> drop();  // returns what stays all the same
    Task<void> before_the_next(std::exception_ptr failure);
    void tell_the_end(const std::exception_ptr& failure);
    Task<void> last_hooks();

    asio::any_io_executor executor_;
    Board board_;
    postgres::Sessions sessions_;
    std::unique_ptr<store::Store> store_;
    TaskGroup* attempt_group_ = nullptr;
    bool finished_ = false;        // swapped, and everything cleared up
    bool nothing_copied_ = false;  // the state directory is this migration's, and it has not come beyond preparing
    Retry retry_;
    Claim claim_;
};

std::unique_ptr<Migration> Migration::create(asio::any_io_executor executor, config::Settings settings,
                                             Purpose purpose) {
    return std::make_unique<Run>(executor, std::move(settings), purpose);
}

std::string Run::request_abort() {
    auto text = migration::request_abort(board_);
    if (board_.progress.aborting && attempt_group_ != nullptr) attempt_group_->cancel();
    return text;
}

// Who was told that it is postponed must not see the next process swap. Before there is a store it has nothing to
// forget.
Task<void> Run::keep_wish() {
    for (std::optional<CutoverWish> kept; kept != board_.wish;) {
        const bool over = board_.progress.aborting || board_.progress.phase == Phase::done;
        if (over || !store_) co_return;
        kept = board_.wish;
        co_await put_wish(*store_, *kept);  // another wish may come meanwhile, and be on disk before this one
    }
}

Task<void> Run::run() {
    // As in the children of a TaskGroup: join() must be reached.
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        co_await supervise();
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) {
        co_await last_hooks();
        co_return;
    }
    const bool kept = store_ != nullptr;
    if (is_cancellation(failure)) {
        co_await board_.hooks.end();
        throw stopped_on_request(board_.progress, kept);
    }
    failure = in_context(failure, doing_in_words(board_.progress), state_in_words(board_.progress, kept),
                         state_briefly(board_.progress, kept));
    tell_the_end(failure);
    co_await last_hooks();
    std::rethrow_exception(failure);
}

void Run::tell_the_end(const std::exception_ptr& failure) {
    hooks::Facts facts;
    auto moment = hooks::Moment::failed;
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::aborted) moment = hooks::Moment::aborted;
        facts = {{"REASON", error.message()},
                 {"HINT", error.hint()},
                 {"EXIT_STATUS", std::to_string(exit_status(error.kind()))}};
    } catch (const std::exception& error) {
        facts = {{"REASON", error.what()}, {"EXIT_STATUS", std::to_string(exit_status(ErrorKind::internal))}};
    }
    board_.tell(moment, std::move(facts));
}

// How the migration ended is decided: whoever stops the process now ends the hooks, and nothing else.
Task<void> Run::last_hooks() {
    bool stopped = false;
    try {
        co_await board_.hooks.all_told();
    } catch (const boost::system::system_error&) {
        stopped = true;
    }
    if (stopped) co_await board_.hooks.end();
}

Task<void> Run::supervise() {
    // Not until the phase is done: a connection lost after the swap leaves the clearing up to another attempt.
    while (!finished_) {
        std::exception_ptr failure;
        TaskGroup group(executor_);
        attempt_group_ = &group;
        if (board_.progress.aborting) group.cancel();
        group.spawn(one_attempt());
        try {
            co_await group.join();
        } catch (...) {
            failure = std::current_exception();
        }
        attempt_group_ = nullptr;
        board_.progress.owns = false;
        bool in_time = board_.progress.aborting && board_.progress.phase != Phase::done;
        if (in_time) in_time = !co_await already_swapped();
        if (in_time) {
            if (store_ && !board_.progress.direct) co_await note_abort(*store_);
            const auto kept = co_await drop();
            throw aborted_on_request(board_.settings.table, kept);
        }
        if (std::exchange(board_.progress.aborting, false)) {
            spdlog::warn("the abort comes too late: the table has its new shape. What is left is cleared up");
        }
        if (!failure) continue;
        // Found while preparing: nothing of it stays.
        const bool nothing_made = board_.progress.phase == Phase::prepare || board_.progress.direct;
        if (is_refusal(failure) && nothing_made && nothing_copied_) co_await drop();
        const auto why = transient_failure(failure);
        const bool store_failed = is_store_failure(failure);
        if (!why || (store_failed && !store_)) std::rethrow_exception(failure);
        if (!claim_.connected_once() && !store_) {
            throw Error(ErrorKind::refused, *why, hint_of(failure));
        }
        co_await before_the_next(failure);
    }
}

// A store that failed is opened again before anything is built on it; that too may have to wait.
Task<void> Run::before_the_next(std::exception_ptr failure) {
    std::string why = *transient_failure(failure);
    board_.attempt_lost(why);
    bool store_failed = is_store_failure(failure);
    const bool outage = !is_no_outage(failure);
    if (is_connection_limit(failure) && use_fewer_workers(board_.settings)) why += "; fewer workers from now on";
    if (store_ && !store_failed) co_await claim_.look_for_slot();
    if (is_lock_refused(failure) && why.find("is held by") == std::string::npos) {
        const auto who = co_await who_is_in_the_way(sessions_, board_.settings.table);
        if (!who.empty()) why += ": " + who;
    }
    for (;;) {
        co_await retry_.wait(why, outage || store_failed);
        if (!store_failed || !store_) co_return;
        store_failed = false;
        try {
            co_await store_->try_resume();
        } catch (const store::StoreUnavailable& error) {
            why = error.message();
            store_failed = true;
        }
        if (!store_failed) co_return;
    }
}

Task<void> Run::one_attempt() {
    auto claimed = co_await claim_.take();
    if (!claimed) {  // an earlier run has done it
        finished_ = true;
        co_return;
    }
    board_.progress.owns = true;
    board_.progress.outage.reset();
    const State state(store_->journal());
    auto phase = co_await state.phase();
    // A swap that is done is cleared up, whatever was recorded before it.
    if (phase != Phase::done) co_await require_not_taken_back(*store_, claimed->identity);
    board_.tell_once(hooks::Moment::started);
    if (board_.rehearses()) {
        co_await rehearse(*claimed);
        co_return;
    }
    if (claimed->identity.expands()) {
        co_await expand_or_contract(*claimed);
        co_return;
    }
    if (phase == Phase::prepare || claimed->identity.direct()) nothing_copied_ = true;
    if (phase != Phase::done && claimed->identity.direct()) {
        co_await migrate_directly(*claimed);
    } else if (phase != Phase::done) {
        co_await migrate(*claimed);
    }
    phase = co_await state.phase();
    if (phase != Phase::done) co_return;
    board_.progress.phase = Phase::done;
    board_.tell_once(hooks::Moment::after_cutover);
    if (claimed->identity.direct()) {
        co_await finish_direct(sessions_, board_, store_, claimed->identity);
    } else {
        co_await finish(sessions_, board_, store_, claimed->identity, std::move(claimed->session));
    }
    finished_ = true;
}

Task<void> Run::migrate(Claimed& claimed) {
    const AttemptContext context{executor_, board_, *store_, sessions_, claimed.identity};
    Attempt attempt(context, *claimed.owner, std::move(claimed.session));
    std::exception_ptr failure;
    try {
        co_await attempt.run();
    } catch (...) {
        failure = std::current_exception();
    }
    retry_.undecided(attempt.commit_unanswered());
    if (attempt.made_progress()) retry_.start_afresh();
    if (failure) std::rethrow_exception(failure);
    claimed.session = attempt.take_session();  // for what is left to do
}

Task<void> Run::migrate_directly(const Claimed& claimed) {
    Direct attempt(executor_, board_, *store_, sessions_, claimed.identity, *claimed.owner);
    std::exception_ptr failure;
    try {
        co_await attempt.run();
    } catch (...) {
        failure = std::current_exception();
    }
    if (attempt.made_progress()) retry_.start_afresh();
    if (failure) std::rethrow_exception(failure);
}

// What ends a migration with its state kept is the outcome of a rehearsal: it goes back all the same.
Task<void> Run::rehearse(Claimed& claimed) {
    const State state(store_->journal());
    const auto phase = co_await state.phase();
    const bool direct = claimed.identity.direct();
    nothing_copied_ = phase == Phase::prepare || direct;
    if (phase != Phase::going_back) {
        std::exception_ptr failure;
        try {
            if (direct) {
                co_await migrate_directly(claimed);
            } else {
                co_await migrate(claimed);
            }
        } catch (...) {
            failure = std::current_exception();
        }
        std::optional<std::string> why;
        if (failure) why = failed_because(failure, board_.progress);
        if (failure && !why) std::rethrow_exception(failure);
        co_await turn_back(board_, *store_, why.value_or(""));
    }
    co_await go_back(sessions_, board_, store_, claimed.identity);
    finished_ = true;
    const auto& failed = board_.progress.rehearsed->failed;
    if (!failed.empty()) throw rehearsal_failed(claimed.identity.table, failed);
}

// `run` ends when old and new stand side by side; `contract` begins there.
Task<void> Run::expand_or_contract(const Claimed& claimed) {
    const auto& identity = claimed.identity;
    State state(store_->journal());
    auto phase = co_await state.phase();
    const bool stands = phase == Phase::expanded || phase == Phase::contract;
    const bool begins = board_.contracts() && phase == Phase::expanded;  // which prepares first
    if (stands && !begins) board_.enter(phase);
    if (board_.contracts() && !stands && phase != Phase::done) {
        throw Error(ErrorKind::refused,
                    fmt::format("{} is not expanded yet, but in phase {}", identity.table.sql(), phase_name(phase)),
                    "Nothing was changed. `pgwraith run` carries on; contract when it has ended with 0.");
    }
    if (stands && board_.contracts()) {
        co_await contract(executor_, board_, *store_, sessions_, identity, *claimed.owner);
    } else if (phase == Phase::contract) {
        // The process that contracted has died: it may have come to its end.
        const bool happened = co_await contracted(sessions_, *store_);
        if (happened) co_await state.set_phase(Phase::done);
    } else if (!stands && phase != Phase::done) {
        nothing_copied_ = phase == Phase::prepare;
        co_await migrate_directly(claimed);
    } else if (stands) {
        spdlog::info("{} is expanded already", identity.table.sql());
    }
    phase = co_await state.phase();
    if (phase == Phase::expanded && !stands) board_.tell_once(hooks::Moment::expanded);
    if (phase == Phase::done) {
        board_.progress.phase = Phase::done;
        board_.tell_once(hooks::Moment::contracted);
        co_await finish_direct(sessions_, board_, store_, identity);
    }
    finished_ = true;
}

Task<bool> Run::already_swapped() {
    if (!store_) co_return false;
    if (board_.progress.expands) co_return co_await contracted(sessions_, *store_);
    co_return co_await swap_happened(sessions_, *store_);
}

Task<std::vector<std::string>> Run::drop() {
    std::vector<std::string> kept;
    if (!store_) co_return kept;
    board_.progress.activity = {"dropping what was made"};
    const auto identity = co_await State(store_->journal()).identity();
    if (identity && identity->direct()) {
        sessions_.begin_anew();
        const auto owner = co_await Owner::acquire(sessions_, identity->table_oid, milliseconds{10'000});
        kept = co_await take_back(sessions_, board_, store_, *identity);
    } else {
        kept = co_await drop_everything(sessions_, store_, board_.settings.cutover.lock_timeout);
    }
    co_return kept;
}

void Run::reported() {
    if (board_.rehearses()) return;
    if (!remembered_for_good(board_.settings)) forget_done(board_.settings);
}

}  // namespace pgwraith::migration
