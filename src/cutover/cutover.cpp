#include "pgwraith/cutover/cutover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "approach.h"
#include "called_off.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/capture.h"
#include "pgwraith/catalog/flags.h"
#include "pgwraith/cutover/documents.h"
#include "pgwraith/cutover/locks.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/transfer/copier.h"
#include "pgwraith/transfer/verifier.h"
#include "show_locks.h"
#include "swap_limits.h"

namespace pgwraith::cutover {

namespace {

constexpr const char* flags_query = "pgwraith_differing_flags";

milliseconds left_until(Clock::time_point deadline) {
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

std::optional<postgres::PgError> definitive(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::definitive) return error;
    } catch (...) {
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<postgres::PgError> of_server(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return error;
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace

milliseconds Pacing::next() {
    constexpr std::array<int, 7> seconds{1, 2, 4, 8, 15, 30, 60};
    auto index = std::min<std::size_t>(attempts_, seconds.size() - 1);
    ++attempts_;
    return std::chrono::seconds{seconds[index]};
}

Error altered(const QualifiedName& live, const std::vector<std::string>& drift) {
    return Error(
        ErrorKind::stopped, fmt::format("{} was altered while it was migrated: {}", live.sql(), fmt::join(drift, "; ")),
        "Nothing was swapped. Undo that change and run the same command again, or `pgwraith abort` and start anew with "
        "the table as it is now.");
}

Cutover::Cutover(transfer::Context context, transfer::Applier& applier, std::string old_schema, std::string marker,
                 Ending ending)
    : context_(context),
      applier_(applier),
      old_schema_(std::move(old_schema)),
      marker_(std::move(marker)),
      ending_(ending),
      long_holders_(std::make_unique<LongHolders>()) {}

Cutover::~Cutover() = default;

Task<SwapResult> Cutover::attempt(const Expectation& expectation) {
    started_.reset();
    watch_.reset();
    differing_flags_.clear();
    plan_ = expectation.plan;
    co_await open_sessions();
    SwapResult result;
    result.reason = co_await catch_up();
    if (!result.reason.empty()) co_return result;
    std::exception_ptr failure;
    try {
        result = co_await attempt_locked(expectation);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!result.swapped && std::exchange(paused_, false)) applier_.resume();
    if (failure) std::rethrow_exception(failure);
    co_return result;
}

// Until the stream is current and as few keys are left as there can be; the rest is done under the lock. Returns why it
// cannot be; empty: it may be tried.
Task<std::string> Cutover::catch_up() {
    Approach approach(context_.settings.cutover.max_blocked, ms_per_last_key_);
    transfer::PassResult pass;
    auto next = Approach::Next::pass;
    while (next == Approach::Next::pass) {
        if (!approach.applies_meanwhile()) co_await applier_.pause();
        const auto emitted = Clock::now();
        co_await await_stream(!approach.applies_meanwhile());
        pass = co_await applier_.pass();
        const double stream_ms = context_.capture.watermark_ms().value_or(0);
        spdlog::debug("approach: the stream took {:.0f} ms{}, then {} keys were seen; {:.0f} ms in all", stream_ms,
                      approach.applies_meanwhile() ? " beside the applier" : "", pass.seen, ms_since(emitted));
        next = approach.after(pass, stream_ms, ms_since(emitted));
    }
    if (next == Approach::Next::locks) co_return "";
    ms_per_last_key_.reset();  // by the next attempt the server may have less to do
    co_return fmt::format(
        "the table changes so fast that {} keys are left whenever its changes were applied, and the stream takes {} to "
        "become current: too much for max_blocked",
        format_count(pass.seen),
        format_duration(milliseconds(static_cast<std::int64_t>(context_.capture.watermark_ms().value_or(0)))));
}

Task<void> Cutover::await_stream(bool paused) {
    std::exception_ptr failure;
    try {
        co_await context_.capture.watermark(*emitter_);
    } catch (...) {
        failure = std::current_exception();
    }
    if (paused) applier_.resume();
    if (failure) std::rethrow_exception(failure);
}

namespace {

Task<void> keep_open(const postgres::Sessions& sessions, std::unique_ptr<postgres::Connection>& connection,
                     std::string purpose) {
    if (!connection || !connection->is_open()) connection = co_await sessions.open(std::move(purpose));
}

}  // namespace

Task<void> Cutover::open_sessions() {
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(keep_open(context_.sessions, emitter_, "watermark"));
    group.spawn(keep_open(context_.sessions, watcher_, "cutover watch"));
    group.spawn(open_session());
    co_await group.join();
}

// A client that vanishes must not keep the lock: the server ends the session by itself.
Task<void> Cutover::open_session() {
    if (!session_ || !session_->is_open()) session_ = co_await context_.sessions.open_for_rows("cutover");
    co_await session_->script(session_sql(context_.settings.cutover.max_blocked));
}

Task<void> Cutover::begin_transaction() {
    co_await session_->script("BEGIN");
    auto xid = co_await session_->query("SELECT pg_current_xact_id()::text");
    xid_ = xid.uint64(0, 0);
    // Of a rehearsal nobody must ever ask whether it committed.
    if (ending_ == Ending::swap) {
        co_await postgres::flush_wal(*emitter_);  // a crash must not give the id away again
        SwapIntent intent{xid_, plan_.after_commit};
        co_await context_.store.journal().put(std::move(intent));
        fault_point("cutover.intent");
    }
    co_await session_->script(fmt::format("CREATE SCHEMA IF NOT EXISTS {0}; COMMENT ON SCHEMA {0} IS {1}",
                                          quote_identifier(old_schema_), quote_literal(marker_)));
}

Task<SwapResult> Cutover::attempt_locked(const Expectation& expectation) {
    SwapResult result;
    std::exception_ptr failure;
    try {
        const auto begun = Clock::now();
        co_await begin_transaction();
        co_await keep_vacuum_away();
        co_await plan_ahead(expectation);
        measured_ = Measured{ms_since(begun)};
        co_await applier_.pause();
        paused_ = true;
        co_await session_->script(blocking_sql(session_->server_version(), context_.settings.cutover.max_blocked));
        started_ = Clock::now();
        // The last hundredth is for giving the locks back.
        co_await swap_under_lock(expectation, *started_ + context_.settings.cutover.max_blocked * 99 / 100);
        const auto done = Clock::now();
        if (ending_ == Ending::swap) co_await commit();
        measured_.commit_ms = ms_since(done);
        result.swapped = ending_ == Ending::swap;
        result.blocked_ms = ms_since(*started_);
    } catch (...) {
        failure = std::current_exception();
    }
    if (result.swapped) {
        result.measured = measured_;
        result.blocked_ms = co_await longest_wait(*session_, result.blocked_ms);
        co_return result;
    }
    if (!failure) {
        session_->close();
        result.blocked_ms = rounds_.longest_wait(result.blocked_ms);
        measured_.commit_ms = co_await time_of_commit(*emitter_);
        result.measured = measured_;
        co_return result;
    }
    co_await name_holders(of_server(failure));
    const double blocked_ms = started_ ? ms_since(*started_) : 0;
    result = called_off(failure, watch_.get(), blocked_ms, context_.settings.cutover.max_blocked);
    if (!is_cancellation(failure)) co_await postgres::rollback_quietly(*session_);
    session_->close();
    const auto refused = definitive(failure);
    if (refused || !differing_flags_.empty()) co_await throw_refused(refused);
    if (result.reason.empty()) std::rethrow_exception(failure);
    // The swap is known not to have happened: a later process that reaches no server need not ask.
    co_await context_.store.journal().erase<SwapIntent>();
    co_return result;
}

// If each round was short, the watch has seen no holder: the present holders are of the same kind.
Task<void> Cutover::name_holders(std::optional<postgres::PgError> failure) {
    if (!failure || !watch_) co_return;
    const auto refused = refused_lock(*failure);
    if (!refused || !watch_->holders_of(refused->relation).empty()) co_return;
    co_await watch_->look_at(*watcher_, refused->relation, session_->backend_pid());
}

// It was tried when the shadow was made; something has come in between.
Task<void> Cutover::throw_refused(std::optional<postgres::PgError> error) {
    if (!watcher_->is_open()) watcher_ = co_await context_.sessions.open("cutover watch");
    const auto triggers = co_await catalog::read_event_triggers(*watcher_);
    std::string why;
    if (!differing_flags_.empty()) {
        why = catalog::flags_differ(differing_flags_);
        if (!triggers.empty()) why += "; this database has " + catalog::in_words(triggers);
    } else {
        why = catalog::message_with_origin(triggers, *error);
    }
    throw Error(ErrorKind::stopped, "the server refused a statement of the swap: " + why,
                "Nothing was swapped, the live table is untouched. Remove the cause, then run the same command again.");
}

// What takes long, while nobody waits for us: vacuum yields, old transactions are found.
Task<void> Cutover::keep_vacuum_away() {
    const auto begun = Clock::now();
    watch_ =
        std::make_unique<LockWatch>(co_await asio::this_coro::executor, catalog::LockStrength::share_update_exclusive);
    auto held = co_await take_weak_locks(*session_, *watcher_, plan_.locks, *watch_);
    if (!held.empty()) throw CalledOff(held);
    fault_point("cutover.weak_locks");
    held = co_await long_holders_->find(*watcher_, plan_.locks, session_->backend_pid(),
                                        2 * context_.settings.cutover.lock_timeout);
    if (!held.empty()) throw CalledOff(held);
    if (Clock::now() - begun > milliseconds{100}) held = co_await catch_up();
    if (!held.empty()) throw CalledOff(held);
}

// The server plans a query when it first runs in a session, and anew after CREATE SCHEMA, which makes it forget all of
// its plans. That takes longer than running it: so all that is asked under the locks is asked once before.
Task<void> Cutover::plan_ahead(const Expectation& expectation) {
    co_await catalog::prepare_changed_since(*session_, expectation.fingerprint);
    const auto changed = co_await catalog::changed_since_prepared(*session_, expectation.fingerprint);
    if (!changed.empty()) throw CalledOff(planned_anew(changed));
    const bool updated = context_.pair.mapping.updatable && !shadow::has_other_unique(context_.blueprint);
    last_keys_.emplace(context_.pair, updated, context_.settings.verify != config::Verify::off);
    co_await last_keys_->prepare(*session_);
    co_await session_->script(fmt::format("PREPARE {0} AS {1}; EXECUTE {0}", flags_query, plan_.differing_flags));
}

// The watch sees the sessions that keep it waiting.
Task<std::vector<postgres::Result>> Cutover::script_watched(std::string sql) {
    watch_ = std::make_unique<LockWatch>(co_await asio::this_coro::executor, catalog::LockStrength::access_exclusive);
    auto results = co_await cutover::script_watched(*session_, std::move(sql), *watcher_, *watch_);
    co_return results;
}

Task<void> Cutover::swap_under_lock(const Expectation& expectation, Clock::time_point deadline) {
    co_await script_watched(lock_statement(plan_.locks, context_.settings.cutover.lock_timeout));
    fault_point("cutover.locked");
    const auto locked = Clock::now();
    if (ending_ == Ending::rehearsal) rounds_ = co_await lock_rounds(*session_);
    std::map<Oid, std::string> planned;
    if (locks_are_shown()) planned = co_await planned_relations(*session_, plan_);
    // Two connections, side by side: the stream comes up to date while the definition is read.
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(become_current(deadline));
    group.spawn(check_definition(expectation, deadline));
    co_await group.join();
    const auto current = Clock::now();
    co_await drain(expectation, deadline);
    fault_point("cutover.drained");
    const auto checked = Clock::now();
    co_await run_statements();
    if (ending_ == Ending::swap && locks_are_shown()) {
        const auto held = co_await locks_held(*session_, planned);
        spdlog::info("locks of the swap: {}", held);
    }
    measured_.locks_ms = ms_between(*started_, locked);
    measured_.stream_ms = ms_between(locked, current);
    measured_.keys_ms = ms_between(current, checked);
    measured_.statements_ms = ms_since(checked);
    measured_.statements = plan_.statements.size();
    measured_.after_commit = plan_.after_commit.size();
    if (Clock::now() > deadline) throw CalledOff("it took longer than max_blocked");
}

// The last of them asks whether the new table has the settings that it must have: an event trigger may act on the
// others.
Task<void> Cutover::run_statements() {
    const bool rehearsal = ending_ == Ending::rehearsal;
    std::string swap;
    for (const auto& statement : plan_.statements) {
        if (with_faults() && !rehearsal) {
            co_await session_->script(statement);
            fault_point("cutover.statement");
        } else {
            swap += statement + ";";
        }
    }
    swap += fmt::format("EXECUTE {}", flags_query);
    if (rehearsal) swap += ";" + end_of_rehearsal();
    const auto results = co_await script_watched(std::move(swap));
    // (What ends a rehearsal answers nothing.)
    const auto flags =
        std::find_if(results.rbegin(), results.rend(), [](const auto& result) { return result.columns() > 0; });
    ensure(flags != results.rend() && flags->rows() == 1, "the settings of the new table were asked for");
    differing_flags_ = flags->str(0, 0);
    if (!differing_flags_.empty()) throw CalledOff(differing_flags_);
    if (rehearsal) {
        fault_point("rehearsal.rolled_back");
    } else {
        fault_point("cutover.swapped");
    }
}

// Every transaction that wrote the table has ended and is visible: the lock was granted. Once a watermark emitted now
// has come back their changes are in the ledger.
Task<void> Cutover::become_current(Clock::time_point deadline) {
    // (Not ending in a throw: g++ 12 traps at a co_return before it.)
    bool current = broken_on_purpose("drain");
    if (!current) current = co_await within(left_until(deadline), context_.capture.watermark(*emitter_));
    if (!current) {
        emitter_.reset();
        throw CalledOff("the change stream did not become current in time");
    }
}

Task<void> Cutover::check_definition(const Expectation& expectation, Clock::time_point deadline) {
    co_await session_->script(idling_sql(session_->server_version(), left_until(deadline)));
    if (broken_on_purpose("definition")) co_return;
    const auto changed = co_await catalog::changed_since_prepared(*session_, expectation.fingerprint);
    if (!changed.empty()) throw CalledOff(planned_anew(changed));
    if (!expectation.drift.empty()) throw altered(context_.pair.live, expectation.drift);
}

// The server's own limits are for each statement (before PostgreSQL 17), and these are several: so we look at the
// clock.
Task<void> Cutover::drain(const Expectation& expectation, Clock::time_point deadline) {
    transfer::check_not_truncated(context_.capture, context_.pair);
    const auto begun = Clock::now();
    auto entries = co_await context_.store.ledger().read("", transfer::most_last_keys + 1);
    const auto keys = entries.size();
    measured_.keys = keys;
    if (keys > transfer::most_last_keys) {
        throw CalledOff(fmt::format("more than {} keys were left", format_count(transfer::most_last_keys)));
    }
    std::vector<transfer::Difference> differing;
    const bool in_time =
        co_await within(left_until(deadline), apply_last(std::move(entries), expectation.keys, differing));
    if (keys > 0) ms_per_last_key_ = ms_since(begun) / static_cast<double>(keys);
    if (!in_time) {
        throw CalledOff(fmt::format("{} keys were left, and {} did not suffice to apply them", format_count(keys),
                                    format_duration(std::chrono::duration_cast<milliseconds>(Clock::now() - begun))));
    }
    if (differing.empty()) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("{} of the rows that changed last differ under the lock, among them {}", differing.size(),
                            differing.front().text),
                "Nothing was swapped, the live table is untouched. `pgwraith abort`, and report it.");
}

Task<void> Cutover::apply_last(std::vector<store::LedgerEntry> entries, std::set<std::string> others,
                               std::vector<transfer::Difference>& differing) {
    differing = co_await last_keys_->apply(*session_, std::move(entries), std::move(others));
}

// Once COMMIT is sent the answer may be lost, the transaction not.
Task<void> Cutover::commit() {
    std::optional<postgres::PgError> lost;
    fault_point("cutover.before_commit");
    commit_unanswered_ = true;
    try {
        co_await session_->script("COMMIT");
    } catch (const postgres::PgError& error) {
        lost = error;
    }
    fault_point("cutover.after_commit");
    commit_unanswered_ = lost && lost->connection_lost();
    if (!lost) co_return;
    if (!commit_unanswered_) throw postgres::PgError(*lost);
    spdlog::warn("the connection was lost during the cutover's COMMIT: asking the server what became of it");
    auto give_up = Clock::now() + context_.settings.reconnect.give_up_after;
    for (auto pause = milliseconds{200};; pause = std::min(pause * 2, milliseconds{5'000})) {
        std::optional<Outcome> outcome;
        try {
            outcome =
                co_await find_outcome(context_.sessions, xid_, context_.pair.live_oid, context_.pair.live, old_schema_);
        } catch (const postgres::PgError& error) {
            if (error.state_class() != postgres::SqlStateClass::transient) throw;
        }
        commit_unanswered_ = !outcome;
        if (outcome == Outcome::committed) co_return;
        if (outcome == Outcome::rolled_back) throw CalledOff("its connection was lost; the server rolled it back");
        if (Clock::now() > give_up) break;
        co_await sleep_for(pause);
    }
    auto unknown = unknown_outcome(xid_);
    throw unknown;
}

}  // namespace pgwraith::cutover
