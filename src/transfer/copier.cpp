#include "pgwraith/transfer/copier.h"

#include <fmt/format.h>

#include "failing_rows.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::transfer {

namespace {

// Under the chunk's own lock on the live table: its rows are still where the chunk plan says.
constexpr const char* transaction_state_sql =
    "SELECT pg_current_xact_id()::text, coalesce(pg_relation_filenode($1::oid), 0)::text";

// An id may be trusted after a crash only when WAL behind its first record was flushed. Before PostgreSQL 17 only a
// commit flushes, so it takes another session's.
Task<void> make_xid_durable(postgres::Connection& connection, postgres::Connection* other) {
    if (broken_on_purpose("xid_durable")) co_return;
    if (other == nullptr) {
        co_await postgres::flush_wal_within(connection);
    } else {
        co_await postgres::flush_wal(*other);
    }
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
             blocks_for_bytes(context.settings.copy.chunk_max_bytes, target.heap_bytes, target.toast_bytes)) {
    progress_.blocks_total = target_.blocks;
}

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

Task<void> Copier::open_sessions(int number, std::unique_ptr<postgres::Connection>& connection,
                                 std::unique_ptr<postgres::Connection>& flusher) {
    auto writer =
        co_await capture::open_writer(context_.sessions, context_.pair.slot, fmt::format("copy {}", number + 1));
    if (writer->server_version() < postgres::since::flushed_messages) {
        flusher = co_await context_.sessions.open(fmt::format("copy {} journal", number + 1));
    }
    connection = std::move(writer);
}

Task<void> Copier::work(int number) {
    const throttle::Turn turn{number, context_.settings.copy.workers, [this] { return queue_->remaining() == 0; }};
    std::unique_ptr<postgres::Connection> connection;
    std::unique_ptr<postgres::Connection> flusher;
    for (;;) {
        const bool may_work = co_await context_.gate.pass(turn);
        if (!may_work) co_return;
        if (!connection) {
            co_await open_sessions(number, connection, flusher);
            continue;
        }
        sizer_.set_target(context_.settings.copy.chunk_target);
        sizer_.set_max_blocks(
            blocks_for_bytes(context_.settings.copy.chunk_max_bytes, target_.heap_bytes, target_.toast_bytes));
        // Several workers share the end of the table evenly.
        auto share = static_cast<std::uint32_t>(
            queue_->remaining() / static_cast<std::uint64_t>(context_.settings.copy.workers) + 1);
        auto range = queue_->take(std::min(sizer_.blocks(), std::max(16U, share)));
        if (queue_->remaining() == 0) context_.gate.look_again();
        if (!range) co_return;

        auto started = Clock::now();
        std::optional<postgres::PgError> failure;
        try {
            co_await copy_chunk(*connection, flusher.get(), *range);
        } catch (const postgres::PgError& error) {
            failure = error;
        }
        if (failure) {
            co_await postgres::rollback_quietly(*connection);
            co_await explain_failure(*range, *failure);
        }
        auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        sizer_.took(range->end - range->begin, elapsed);
        auto idle = idle_time(elapsed, context_.settings);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
}

Task<void> Copier::copy_chunk(postgres::Connection& connection, postgres::Connection* flusher, BlockRange range) {
    co_await connection.script("BEGIN");
    auto copied =
        co_await connection.query(shadow::copy_sql(context_.pair, shadow::block_range(range.begin, range.end)));
    store::ChunkRecord chunk{range.begin, range.end, 0, false, copied.affected()};
    co_await check_unchanged(connection, chunk.xid);

    // Whether this transaction happened must be answerable after a crash: first the intent, then COMMIT.
    co_await make_xid_durable(connection, flusher);
    fault_point("chunk.before_intent");
    co_await context_.store.journal().chunk_intent(chunk);
    fault_point("chunk.before_commit");
    co_await connection.script("COMMIT");
    fault_point("chunk.after_commit");
    chunk.done = true;
    co_await context_.store.journal().chunk_done(chunk);
    fault_point("chunk.done");
    progress_.blocks_done += range.end - range.begin;
    progress_.rows += chunk.rows;
}

Task<void> Copier::check_unchanged(postgres::Connection& connection, Xid& xid) {
    auto state =
        co_await connection.query(transaction_state_sql, postgres::params(std::to_string(context_.pair.live_oid)));
    xid = state.uint64(0, 0);
    if (state.oid(0, 1) == target_.file_node) co_return;
    co_await postgres::rollback_quietly(connection);
    throw TableRewritten(
        fmt::format("{} was rewritten during the copy (TRUNCATE, VACUUM FULL, CLUSTER …)", context_.pair.live.sql()));
}

// What is wrong with the data, not with the server, is narrowed down to rows before it is reported.
Task<void> Copier::explain_failure(BlockRange range, postgres::PgError error) {
    if (error.state_class() != postgres::SqlStateClass::definitive) throw error;
    if (!is_data_error(error)) {
        auto refused = co_await expressions_refused(context_.sessions, context_.pair, error);
        throw refused;
    }
    auto connection = co_await context_.sessions.open_for_rows("diagnosis");
    auto rows = co_await find_failing_rows(*connection, context_.pair, range);
    throw data_refused(context_.pair, error, rows);
}

}  // namespace pgwraith::transfer
