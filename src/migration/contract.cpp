#include "contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "blockers.h"
#include "documents.h"
#include "expansion.h"
#include "identity.h"
#include "moment.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/online/short_lock.h"
#include "pgwraith/throttle/signals.h"
#include "survey.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

constexpr int surprises_at_most = 3;

class Contraction {
  public:
    Contraction(Board& board, store::Store& store, const postgres::Sessions& sessions, Identity identity)
        : board_(board),
          store_(store),
          sessions_(sessions),
          identity_(std::move(identity)),
          blockers_(sessions, board) {}

    Task<void> run(TaskGroup& group);
    Task<void> rehearse();

  private:
    Task<online::ShortWork> plan();
    Task<online::Tried> attempt(online::ShortLock& lock);
    Task<void> until_done();
    Task<void> wait_for_the_moment();
    Task<void> pause(online::Tried tried);

    Board& board_;
    store::Store& store_;
    const postgres::Sessions& sessions_;
    Identity identity_;
    Blockers blockers_;
    std::vector<online::TableLock> to_lock_;
    std::vector<std::string> said_;  // what goes with the old columns
    int surprises_ = 0;              // what somebody did between the plan and the lock
    int too_long_ = 0;               // attempts that took too long
    cutover::Pacing pacing_;
};

// Anew for each try: others may live their lives meanwhile.
Task<online::ShortWork> Contraction::plan() {
    const auto expansion = co_await store_.journal().get<online::Expansion>();
    auto connection = co_await sessions_.open_for_rows("contract");
    auto plan = co_await online::plan_contraction(*connection, expansion.value(), identity_.names().new_schema);
    if (!plan.refusals.empty()) {
        std::string text = fmt::format("the old columns of {} cannot be dropped:", identity_.table.sql());
        for (const auto& reason : plan.refusals) text += fmt::format("\n  - {}\n    {}", reason.reason, reason.remedy);
        throw catalog::Refused(plan.refusals,
                               Error(ErrorKind::refused, text, "Nothing was changed: both versions may go on."));
    }
    if (plan.goes != said_ && !plan.goes.empty()) {
        spdlog::warn("with the old columns go: {}", fmt::join(plan.goes, ", "));
    }
    said_ = plan.goes;
    to_lock_ = plan.work.locks;
    co_return std::move(plan.work);
}

// Somebody may do what stands in the way while the lock is waited for: then the server refuses the statements, and the
// next plan names it.
Task<online::Tried> Contraction::attempt(online::ShortLock& lock) {
    const auto work = co_await plan();
    ++board_.progress.cutover_attempts;
    board_.progress.activity = {"dropping the old columns"};
    const auto record = [this](Xid xid) { return store_.journal().put(ContractionBegun{xid}); };
    std::optional<postgres::PgError> refused;
    online::Tried tried;
    try {
        tried = co_await lock.attempt(work, record);
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient || ++surprises_ > surprises_at_most) throw;
        refused = error;
    }
    if (refused) {
        spdlog::warn("the contraction was rolled back: {}", refused->message());
        co_await plan();
        tried.why_not = refused->message();
    }
    co_return tried;
}

// The command is the word that it waits for; the window and the throttle it heeds as the swap does.
Task<void> Contraction::wait_for_the_moment() {
    co_await migration::wait_for_the_moment(sessions_, board_, Word::given, Phase::contract);
}

Task<void> Contraction::until_done() {
    online::ShortLock lock(sessions_, board_.settings);
    for (;;) {
        co_await wait_for_the_moment();
        const auto vetoed = co_await ask_before_cutover(sessions_, board_, Word::given);
        online::Tried tried;
        tried.why_not = vetoed.value_or("");
        if (!vetoed) tried = co_await attempt(lock);
        co_await note_waiting(board_, store_, tried.blocked_ms, "the contraction");
        if (tried.done) {
            spdlog::info("contracted: others waited {:.1f} ms at most", tried.blocked_ms);
            co_return;
        }
        if (!tried.too_long && !vetoed) co_await blockers_.look(to_lock_, "the contraction");
        co_await pause(tried);
    }
}

// After an attempt that was called off.
Task<void> Contraction::pause(online::Tried tried) {
    if (tried.too_long && ++too_long_ >= online::too_long_at_most) {
        throw online::takes_too_long("the contraction", board_.settings.cutover.max_blocked,
                                     "Both versions may go on. Raise cutover.max_blocked, if the application may wait "
                                     "for so long, and run the same command again.");
    }
    board_.called_off(tried.why_not);
    const auto wait = pacing_.next();
    const auto line =
        fmt::format("the contraction was called off: {}; again in {}", tried.why_not, format_duration(wait));
    board_.progress.activity = {line, Waits::called_off};
    spdlog::warn("{}", line);
    co_await sleep_for(wait);
}

Task<void> Contraction::rehearse() {
    online::ShortLock lock(sessions_, board_.settings);
    RehearsedStep step{"the contraction", "tried", ""};
    const auto begun = Clock::now();
    std::optional<std::string> depends;
    for (;;) {
        co_await wait_for_the_moment();
        online::ShortWork work;
        try {
            work = co_await plan();
        } catch (const catalog::Refused& error) {
            depends = error.message();
        }
        if (depends) break;
        ++board_.progress.cutover_attempts;
        ++step.attempts;
        board_.progress.activity = {"trying to drop the old columns"};
        const auto tried = co_await lock.attempt(work, {}, cutover::Ending::rehearsal);
        co_await note_waiting(board_, store_, tried.blocked_ms, "the contraction");
        if (tried.done) {
            spdlog::info("the contraction was rehearsed and rolled back: others waited {:.1f} ms at most",
                         tried.blocked_ms);
            step.waited_ms = tried.waited_ms;
            step.blocks_ms = tried.blocked_ms + tried.commit_ms;
            step.parts = {{"locks", tried.waited_ms},
                          {"statements", tried.blocked_ms - tried.waited_ms},
                          {"commit", tried.commit_ms}};
            break;
        }
        step.called_off_ms = std::max(step.called_off_ms, tried.blocked_ms);
        co_await pause(tried);
    }
    if (depends) {
        spdlog::warn("{}", *depends);
        step.how = "left out";
        step.note = *depends;
    }
    step.took_ms = ms_since(begun);
    board_.rehearsed.steps.push_back(step);
}

Task<void> Contraction::run(TaskGroup& group) {
    const State state(store_.journal());
    bool done = co_await contracted(sessions_, store_);
    if (!done) {
        co_await plan();
        board_.enter(Phase::compare);
        co_await compare_columns(sessions_, board_, store_, true);
        board_.enter(Phase::contract);
        co_await State(store_.journal()).set_phase(Phase::contract);
        fault_point("contract.begun");
        co_await until_done();
        fault_point("contract.committed");
    }
    co_await State(store_.journal()).set_phase(Phase::done);
    board_.enter(Phase::done);
    fault_point("phase.done");
    group.cancel();
}

}  // namespace

Task<void> rehearse_contraction(Board& board, store::Store& store, const postgres::Sessions& sessions,
                                Identity identity) {
    Contraction contraction(board, store, sessions, std::move(identity));
    co_await contraction.rehearse();
}

Task<void> contract(asio::any_io_executor executor, Board& board, store::Store& store,
                    const postgres::Sessions& sessions, Identity identity, Owner& owner) {
    const throttle::Context judged{sessions, board.settings, board.gate, board.standbys};
    throttle::Signals signals(judged, "");
    CutoverWish noted;
    // What was said of the expansion's steps says nothing of this.
    const auto phase = co_await State(store.journal()).phase();
    if (phase == Phase::contract) {
        co_await recall_wish(board, store, noted);
    } else {
        co_await store.journal().erase<NotedWish>();
    }
    co_await signals.begin();
    Contraction contraction(board, store, sessions, std::move(identity));
    TaskGroup group(executor);
    group.spawn(signals.run());
    group.spawn(report_throttle(board, store, signals, noted));
    group.spawn(owner.watch());
    group.spawn(contraction.run(group));
    co_await group.join();
}

}  // namespace pgwraith::migration
