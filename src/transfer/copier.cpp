#include "pgwraith/transfer/copier.h"

#include <fmt/format.h>

#include "copy_method.h"
#include "copy_protocol.h"
#include "failing_rows.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/postgres/copy_stream.h"
#include "pgwraith/postgres/data_error.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::transfer {

namespace {

constexpr std::uint32_t least_share = 128;  // blocks: below it what a chunk costs beside its rows would count

// What follows the rows of a chunk in its transaction. An id may be trusted after a crash only when WAL behind its
// first record was flushed: a message that is flushed does that, from PostgreSQL 17 on.
std::string transaction_id_sql(const postgres::Connection* flusher) {
    const bool flushes = flusher == nullptr && !broken_on_purpose("xid_durable");
    return std::string("SELECT pg_current_xact_id()::text") +
           (flushes ? std::string("; ") + postgres::flush_wal_within_sql : std::string());
}

// Under the chunk's own lock on the live table: its rows are still where the chunk plan says.
std::string file_node_sql(Oid table) {
    return fmt::format("SELECT coalesce(pg_relation_filenode({}::oid), 0)::text", table);
}

}  // namespace

TableRewritten::TableRewritten(std::string how)
    : Error(ErrorKind::stopped, std::move(how), "Run the same command again: the copy starts over.") {}

void check_not_truncated(const capture::Capture& capture, const shadow::Pair& pair) {
    if (capture.truncated()) throw TableRewritten(pair.live.sql() + " was truncated");
}

Copier::Copier(Context context, CopyTarget target)
    : context_(context),
      target_(target),
      sizer_(context.settings.copy.chunk_target,
             blocks_for_bytes(context.settings.copy.chunk_max_bytes, target.heap_bytes, target.toast_bytes)),
      choice_(std::make_unique<MethodChoice>(target.blocks, target.heap_bytes, target.toast_bytes)) {
    progress_.blocks_total = target_.blocks;
}

Copier::~Copier() = default;

Task<void> Copier::run() {
    co_await resolve_intents();
    auto chunks = co_await context_.store.journal().chunks();
    queue_.emplace(target_.blocks, chunks);
    progress_.blocks_done = target_.blocks - queue_->remaining();
    progress_.rows = 0;
    for (const auto& chunk : chunks) progress_.rows += chunk.rows;
    progress_.rows_earlier = progress_.rows;
    if (!chunks.empty()) {
        spdlog::info("{} of {} blocks were copied earlier and stay", progress_.blocks_done, progress_.blocks_total);
    }

    TaskGroup workers(co_await asio::this_coro::executor);
    for (int number = 0; number < throttle::most_workers; ++number) workers.spawn(work(number));
    co_await workers.join();
}

// A chunk whose COMMIT was under way when the process or the connection died: the server knows.
Task<void> Copier::resolve_intents() {
    auto chunks = co_await context_.store.journal().chunks();
    std::unique_ptr<postgres::Connection> connection;
    for (auto& chunk : chunks) {
        if (chunk.done) continue;
        if (!connection) connection = co_await context_.sessions.open("settle");
        const auto status = co_await postgres::final_xact_status(*connection, chunk.xid);
        if (status == postgres::XactStatus::forgotten) {
            throw Error(
                ErrorKind::stopped,
                fmt::format("the server no longer knows whether transaction {} committed, which copied blocks {} to {}",
                            chunk.xid, chunk.begin, chunk.end),
                "Too many transactions have passed. `pgwraith abort`, then start anew.");
        }
        bool committed = status == postgres::XactStatus::committed && !broken_on_purpose("chunk_journal");
        spdlog::info("the chunk of blocks {} to {} was under way: it {}", chunk.begin, chunk.end,
                     committed ? "committed" : "did not commit and is copied again");
        chunk.done = committed;
        if (committed) {
            co_await context_.store.journal().chunk_done(chunk);
        } else {
            co_await context_.store.journal().chunk_forget(chunk.begin);
        }
        fault_point("chunk.settled");
    }
}

Task<void> Copier::open_sessions(Worker& worker) {
    const auto purpose = fmt::format("copy {}", worker.number + 1);
    auto writer = co_await capture::open_writer(context_.sessions, context_.pair.slot, purpose);
    if (writer->server_version() < postgres::since::flushed_messages) {
        worker.flusher = co_await context_.sessions.open(purpose + " journal");
    }
    worker.writer = std::move(writer);
}

Task<void> Copier::work(int number) {
    const throttle::Turn turn{number, context_.settings.copy.workers, [this] { return queue_->remaining() == 0; }};
    Worker worker;
    worker.number = number;
    for (;;) {
        const bool may_work = co_await context_.gate.pass(turn);
        if (!may_work) co_return;
        if (!worker.writer) {
            co_await open_sessions(worker);
            continue;
        }
        const auto range = queue_->take(next_size());
        if (queue_->remaining() == 0) context_.gate.look_again();
        if (!range) co_return;

        const auto started = Clock::now();
        co_await copy_range(worker, *range);
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        sizer_.took(range->end - range->begin, elapsed);
        progress_.chunk_blocks = range->end - range->begin;
        progress_.chunk_took = elapsed;
        const auto idle = idle_time(elapsed, context_.settings);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
}

// Of the next chunk, in blocks.
std::uint32_t Copier::next_size() {
    const auto& settings = context_.settings.copy;
    sizer_.set_target(settings.chunk_target);
    sizer_.set_max_blocks(blocks_for_bytes(settings.chunk_max_bytes, target_.heap_bytes, target_.toast_bytes));
    const auto size = std::min(sizer_.blocks(), fair_share(queue_->remaining(), settings.workers, least_share));
    return choice_->is_trying(settings.method) ? std::min(size, MethodChoice::trial_blocks) : size;
}

void Copier::rule_out_copy(std::string why) {
    if (choice_->rule_out(why)) spdlog::info("rows are copied by INSERT … SELECT: {}", why);
}

// Another worker may have planned the same meanwhile, and be copying by it.
void Copier::set_protocol(CopyProtocol planned) {
    if (protocol_) return;
    if (!planned.obstacle.empty()) {
        rule_out_copy(planned.obstacle);
    } else if (context_.settings.copy.method == config::CopyMethod::copy) {
        spdlog::info("rows are copied by COPY: copy.method says so");
    }
    protocol_ = std::make_unique<CopyProtocol>(std::move(planned));
}

// Whether a chunk can be copied with the COPY protocol now.
Task<bool> Copier::ready_to_copy(Worker& worker) {
    if (!protocol_) set_protocol(co_await plan_copy_protocol(*worker.writer, context_.pair));
    if (choice_->ruled_out()) co_return false;
    if (worker.reader) co_return true;
    try {
        worker.reader = co_await context_.sessions.open_for_rows(fmt::format("copy {} reads", worker.number + 1));
    } catch (const postgres::PgError& error) {
        if (!error.is(postgres::sqlstate::too_many_connections)) throw;
        rule_out_copy("the server has no connection left for reading beside writing");
    }
    co_return worker.reader != nullptr;
}

Task<Method> Copier::next_method(Worker& worker) {
    auto method = choice_->next(context_.settings.copy.method);
    if (method == Method::copy) {
        const bool ready = co_await ready_to_copy(worker);
        if (!ready) method = Method::insert;
    }
    co_return method;
}

Task<void> Copier::copy_range(Worker& worker, BlockRange range) {
    const Busy busy(progress_.busy);
    const auto method = co_await next_method(worker);
    std::optional<postgres::PgError> failure;
    try {
        co_await copy_chunk(worker, range, method);
    } catch (const postgres::PgError& error) {
        failure = error;
    }
    // What COPY cannot bring, INSERT may; if not, its words are those that count.
    if (failure && method == Method::copy && failure->state_class() != postgres::SqlStateClass::transient) {
        const auto why = fmt::format("COPY failed: {}", failure->message());
        failure.reset();
        co_await postgres::rollback_quietly(*worker.writer);
        try {
            co_await copy_chunk(worker, range, Method::insert);
            rule_out_copy(why);
        } catch (const postgres::PgError& error) {
            failure = error;
        }
    }
    if (!failure) co_return;
    co_await postgres::rollback_quietly(*worker.writer);
    co_await explain_failure(range, *failure);
}

Task<void> Copier::copy_chunk(Worker& worker, BlockRange range, Method method) {
    const auto started = Clock::now();
    store::ChunkRecord chunk;
    std::exception_ptr rewritten;
    try {
        // (No conditional operator and no await in a handler: g++ 12.)
        if (method == Method::copy) {
            chunk = co_await stream_rows(worker, range);
        } else {
            chunk = co_await insert_rows(worker, range);
        }
    } catch (const TableRewritten&) {
        rewritten = std::current_exception();
    }
    if (rewritten) {
        co_await postgres::rollback_quietly(*worker.writer);
        std::rethrow_exception(rewritten);
    }

    // Whether this transaction happened must be answerable after a crash: first the intent, then COMMIT.
    if (worker.flusher && !broken_on_purpose("xid_durable")) co_await postgres::flush_wal(*worker.flusher);
    fault_point("chunk.before_intent");
    co_await context_.store.journal().chunk_intent(chunk);
    fault_point("chunk.before_commit");
    co_await worker.writer->script("COMMIT");
    fault_point("chunk.after_commit");
    chunk.done = true;
    co_await context_.store.journal().chunk_done(chunk);
    fault_point("chunk.done");
    progress_.blocks_done += range.end - range.begin;
    progress_.rows += chunk.rows;
    progress_.method = method_name(method);
    const auto decision =
        choice_->took({method, range.end - range.begin, chunk.rows,
                       std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started)});
    if (decision) spdlog::info("{}", *decision);
}

// In one message; the transaction stays open.
Task<store::ChunkRecord> Copier::insert_rows(Worker& worker, BlockRange range) {
    const auto results = co_await worker.writer->scripts(
        fmt::format("BEGIN; {}; {}; {}", shadow::copy_sql(context_.pair, shadow::block_range(range.begin, range.end)),
                    file_node_sql(context_.pair.live_oid), transaction_id_sql(worker.flusher.get())));
    check_unchanged(results[2].oid(0, 0));
    store::ChunkRecord chunk{range.begin, range.end, results[3].uint64(0, 0), false, results[1].affected()};
    co_return chunk;
}

// The reader's transaction ends with its message, the writer's stays open. The writer has its lock first: a reader that
// waits for a lock, and those who wait behind it, wait for nobody who waits for us.
Task<store::ChunkRecord> Copier::stream_rows(Worker& worker, BlockRange range) {
    const auto encoding = protocol_->encoding.empty()
                              ? std::string()
                              : fmt::format("SET LOCAL client_encoding = {}; ", quote_literal(protocol_->encoding));
    postgres::CopyStatements statements;
    statements.out =
        fmt::format("{}{}; {}", encoding,
                    copy_out_sql(context_.pair, protocol_->select, shadow::block_range(range.begin, range.end)),
                    file_node_sql(context_.pair.live_oid));
    statements.in = fmt::format("BEGIN; {}{}", encoding, copy_in_sql(context_.pair));
    const auto copied = co_await postgres::copy_stream(*worker.reader, *worker.writer, std::move(statements));
    fault_point("chunk.streamed");
    check_unchanged(copied.answer.oid(0, 0));
    const auto state = co_await worker.writer->scripts(transaction_id_sql(worker.flusher.get()));
    store::ChunkRecord chunk{range.begin, range.end, state[0].uint64(0, 0), false, copied.rows};
    co_return chunk;
}

void Copier::check_unchanged(Oid file_node) const {
    if (file_node == target_.file_node) return;
    throw TableRewritten(
        fmt::format("{} was rewritten during the copy (TRUNCATE, VACUUM FULL, CLUSTER …)", context_.pair.live.sql()));
}

// What is wrong with the data, not with the server, is narrowed down to rows before it is reported.
Task<void> Copier::explain_failure(BlockRange range, postgres::PgError error) {
    if (error.state_class() != postgres::SqlStateClass::definitive) throw error;
    if (!postgres::is_data_error(error)) {
        auto refused = co_await expressions_refused(context_.sessions, context_.pair, error);
        throw refused;
    }
    auto connection = co_await context_.sessions.open_for_rows("diagnosis");
    auto rows = co_await find_failing_rows(*connection, context_.pair, range);
    throw data_refused(context_.pair, error, rows);
}

}  // namespace pgwraith::transfer
