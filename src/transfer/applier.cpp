#include "pgwraith/transfer/applier.h"

#include <fmt/format.h>

#include "batches.h"
#include "failing_rows.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/postgres/data_error.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/transfer/builder.h"
#include "pgwraith/transfer/copier.h"
#include "pgwraith/transfer/keys.h"
#include "pgwraith/transfer/purge.h"
#include "sent_batches.h"

namespace pgwraith::transfer {

namespace {

constexpr milliseconds rest{20};
// When few keys were left: a pass for each of them would cost more than the keys.
constexpr milliseconds long_rest{100};
constexpr std::size_t batches_ahead = 4;
// So many keys are applied in one transaction when they must be, no more: they are held in memory.
constexpr std::size_t together_limit = 50'000;

// By the index, whatever the planner believes: a batch is small against the table.
constexpr const char* worker_settings =
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET work_mem = '64MB'; "
    "SET jit = off; SET max_parallel_workers_per_gather = 0";

}  // namespace

struct Applier::Pass {
    PassResult result;
    std::deque<Batch> queue;
    bool read_all = false;
    Way way;  // of the batches that are sent from now on
    bool conflict = false;
    int workers = 0;  // that have begun
    Event changed;
    Pass(asio::any_io_executor executor, bool updatable)
        : way(updatable ? Way::update : Way::replace), changed(std::move(executor)) {}

    std::optional<Batch> take() {
        if (queue.empty()) return std::nullopt;
        auto batch = std::move(queue.front());
        queue.pop_front();
        changed.notify_all();
        return batch;
    }
};

Applier::Applier(Context context) : context_(context), changed_(context.executor) {}

Task<void> Applier::run() {
    for (;;) {
        auto result = co_await pass();
        if (result.seen == 0) co_await context_.capture.wait_for_records(milliseconds{500});
        // A hot key is worth waiting for: it is applied once however often it changed meanwhile.
        const bool few = result.seen < static_cast<std::uint64_t>(context_.settings.apply.batch);
        co_await sleep_for(few ? long_rest : rest);
    }
}

Task<void> Applier::pause() {
    ++paused_;
    try {
        while (passing_) co_await changed_.wait();
    } catch (...) {
        resume();  // cancelled: nobody else will
        throw;
    }
}

void Applier::resume() {
    ensure(paused_ > 0, "resume() follows pause()");
    --paused_;
    changed_.notify_all();
}

Task<PassResult> Applier::pass() {
    // Both at once: who waits here for the end of another's pass must not begin in spite of a pause() that came first.
    while (passing_ || paused_ > 0) co_await changed_.wait();
    passing_ = true;
    PassResult result;
    std::exception_ptr failure;
    try {
        co_await one_pass(result);
    } catch (...) {
        failure = std::current_exception();
        connections_.clear();  // some may be in the middle of something
        emitter_.reset();
    }
    passing_ = false;
    changed_.notify_all();
    if (failure) std::rethrow_exception(failure);
    last_pass_ = result;
    if (result.applied > 0) {
        ms_per_key_ = static_cast<double>(result.took.count()) / static_cast<double>(result.applied);
    }
    co_return result;
}

Task<void> Applier::one_pass(PassResult& result) {
    auto started = Clock::now();
    Pass pass(context_.executor, context_.pair.mapping.updatable);
    TaskGroup group(context_.executor);
    group.spawn(read_batches(pass, group));
    co_await group.join();
    if (pass.conflict) co_await apply_together(pass);
    result = pass.result;
    result.took = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
    if (result.seen == 0) co_return;
    spdlog::debug("pass: {} changed keys seen, {} applied, {} not visible yet, {} workers, {}", result.seen,
                  result.applied, result.invisible, pass.workers, format_duration(result.took));
}

// Entries in key order, each once: batches of one pass are disjoint. A pass may meet many more keys than there were
// when it began, so workers join as batches come to wait.
Task<void> Applier::read_batches(Pass& pass, TaskGroup& group) {
    std::string last;
    for (;;) {
        while (pass.queue.size() >= batches_ahead) co_await pass.changed.wait();
        auto size = static_cast<std::size_t>(context_.settings.apply.batch);
        auto batch = co_await context_.store.ledger().read(last, size);
        if (batch.empty()) break;
        last = batch.back().key;
        pass.result.seen += batch.size();
        const auto waiting = pass.queue.size();
        pass.queue.push_back(std::move(batch));
        pass.changed.notify_all();
        if (one_more_worker(pass.workers, waiting,
                            std::min(context_.settings.apply.workers, context_.gate.allowed()))) {
            group.spawn(work(pass, pass.workers++));
        }
    }
    pass.read_all = true;
    pass.changed.notify_all();
}

Task<void> Applier::work(Pass& pass, int number) {
    auto place = static_cast<std::size_t>(number);
    for (;;) {
        while (pass.queue.empty() && !pass.read_all) co_await pass.changed.wait();
        auto batch = pass.take();
        if (!batch) co_return;

        if (connections_.size() <= place) connections_.resize(place + 1);
        if (!connections_[place] || !connections_[place]->is_open()) {
            connections_[place] = co_await capture::open_writer(context_.sessions, context_.pair.slot,
                                                                fmt::format("apply {}", number + 1));
            co_await connections_[place]->script(worker_settings);
        }
        co_await apply(*connections_[place], pass, std::move(*batch));
    }
}

// A batch, and those that wait meanwhile. Two are with the server, so that it never waits for us; while it works at
// them the keys of the one before leave the ledger. A batch is read before the snapshot under which it is applied is
// taken: what the ledger holds is then seen, but for commits that wait for a standby.
Task<void> Applier::apply(postgres::Connection& connection, Pass& pass, Batch batch) {
    SentBatches sent(connection, context_.pair);
    Snapshot seen;    // the newest one that is known
    Batch committed;  // and not yet out of the ledger
    std::optional<Batch> next(std::move(batch));
    for (;;) {
        while (sent.has_room() && next) {
            if (sent.empty()) seen = co_await postgres::current_snapshot(connection);
            // A commit is decoded before it is visible, with a synchronous standby seconds before.
            pass.result.invisible += take_out_invisible(*next, seen);
            if (!next->empty()) {
                co_await sent.send(std::move(*next), pass.way);
            } else if (sent.empty()) {
                co_await sleep_for(rest);
            }
            next = pass.take();
        }
        co_await remove_applied(pass, committed);
        if (sent.empty()) co_return;
        std::optional<postgres::PgError> failure;
        try {
            auto answer = co_await sent.answer();
            seen = std::move(answer.snapshot);
            committed = std::move(answer.batch);
        } catch (const postgres::PgError& error) {
            failure = error;
        }
        if (failure) {
            co_await give_up(connection, pass, sent.take_back(), *failure);
        } else {
            context_.capture.note_xid(seen.xmax);
            // Only what the transaction itself saw was applied by it.
            pass.result.invisible += take_out_invisible(committed, seen);
        }
        if (!next) next = pass.take();
    }
}

// The first of `batches` was refused; the others, of which nothing is known, are applied (again). An update meets
// unique values that moved within its own batch, so what conflicts is replaced before it counts as a conflict.
Task<void> Applier::give_up(postgres::Connection& connection, Pass& pass, std::deque<SentBatch> batches,
                            postgres::PgError failure) {
    co_await postgres::rollback_quietly(connection);
    const bool conflict = is_conflict(failure);
    const bool once_more = conflict && batches.front().way == Way::update;
    Batch refused;
    if (once_more) {
        pass.way = Way::replace;
    } else {
        refused = std::move(batches.front().batch);
        batches.pop_front();
    }
    for (auto sent = batches.rbegin(); sent != batches.rend(); ++sent) pass.queue.push_front(std::move(sent->batch));
    if (once_more) co_return;
    if (conflict) {
        pass.conflict = true;  // they stay in the ledger, and are applied together when the pass ends
        co_return;
    }
    std::vector<std::string> keys;
    for (auto& entry : refused) keys.push_back(std::move(entry.key));
    co_await explain_failure(std::move(keys), failure);
}

Task<void> Applier::remove_applied(Pass& pass, Batch& committed) {
    if (committed.empty()) co_return;
    co_await context_.store.ledger().remove_unchanged(committed);
    fault_point("apply.removed");
    pass.result.applied += committed.size();
    applied_ += committed.size();
    committed.clear();
}

Task<void> Applier::apply_within(postgres::Connection& connection, const std::vector<store::LedgerEntry>& entries) {
    // All that goes goes before anything comes: unique values may have moved between the rows.
    const auto parts = pages_of(entries, static_cast<std::size_t>(context_.settings.apply.batch));
    for (const auto& sql : {shadow::delete_keys_sql(context_.pair), shadow::put_keys_sql(context_.pair)}) {
        for (const auto& part : parts) {
            co_await connection.query(sql, key_params(context_.pair, part));
        }
    }
}

// A unique violation against a row of the shadow that is merely stale: with everything that the snapshot sees applied
// at once it disappears. What remains is a duplicate in the live table. When too many keys wait for that, all their
// rows are taken out of the shadow first: then only what changes from now on can be stale, and the next pass goes on.
Task<void> Applier::apply_together(Pass& pass) {
    auto connection = co_await capture::open_writer(context_.sessions, context_.pair.slot, "apply");
    co_await connection->script(worker_settings);
    if (!emitter_) emitter_ = co_await context_.sessions.open("watermark");
    co_await connection->script("BEGIN ISOLATION LEVEL REPEATABLE READ");
    auto snapshot = co_await postgres::current_snapshot(*connection);
    // All that the snapshot sees is in the ledger once this has come back.
    co_await context_.capture.watermark(*emitter_);
    // The rows that a TRUNCATE took are still in the shadow, with their unique values, and no change takes them out.
    check_not_truncated(context_.capture, context_.pair);
    auto entries = co_await context_.store.ledger().read("", together_limit + 1);
    if (entries.size() > together_limit) {
        co_await connection->script("ROLLBACK");
        auto removed = co_await purge_at_once(context_.sessions, context_.store.ledger(), context_.pair);
        spdlog::info("unique values have moved between rows: {} rows were taken out, to be read again", removed);
        co_return;
    }
    std::optional<postgres::PgError> failure;
    try {
        co_await apply_within(*connection, entries);
        co_await connection->script("COMMIT");
    } catch (const postgres::PgError& error) {
        if (!is_conflict(error)) throw;
        failure = error;
    }
    if (failure) {
        co_await postgres::rollback_quietly(*connection);
        auto refused = co_await duplicates_refused(context_.sessions, context_.pair, context_.blueprint, *failure);
        throw refused;
    }
    std::erase_if(entries, [&](const store::LedgerEntry& entry) { return !snapshot.sees(entry.xid); });
    co_await context_.store.ledger().remove_unchanged(entries);
    spdlog::debug("{} changed keys applied together: unique values had moved between rows", entries.size());
    pass.result.applied += entries.size();
    applied_ += entries.size();
}

Task<void> Applier::explain_failure(std::vector<std::string> keys, postgres::PgError error) {
    if (error.state_class() != postgres::SqlStateClass::definitive) throw error;
    if (!postgres::is_data_error(error)) {
        auto refused = co_await expressions_refused(context_.sessions, context_.pair, error);
        throw refused;
    }
    auto connection = co_await context_.sessions.open_for_rows("diagnosis");
    auto rows = co_await find_failing_keys(*connection, context_.pair, std::move(keys));
    if (rows.empty()) co_return;  // fixed meanwhile: the next pass takes them
    throw data_refused(context_.pair, error, rows);
}

}  // namespace pgwraith::transfer
