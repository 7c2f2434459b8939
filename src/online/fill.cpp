#include "pgwraith/online/fill.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/online/documents.h"

namespace pgwraith::online {

namespace {

// Rows that somebody writes are no reason to wait for: a row's lock is waited for so long, and never until anybody
// looks for deadlocks.
constexpr milliseconds row_wait{50};
// The application goes on writing rows without a value: said from this pass on.
constexpr int passes_that_are_usual = 3;
constexpr std::uint32_t compared_blocks = 64;
constexpr double dead_at_most = 0.3;                             // of all rows
constexpr std::uint64_t small_table = 1'024ULL * 1'024 * 1'024;  // bytes: what is dead in it is no burden
constexpr milliseconds look_at_dead_rows{1'000};
constexpr const char* dead_rows = "dead_rows";

constexpr const char* dead_sql = R"sql(
SELECT s.n_dead_tup, s.n_live_tup,
       current_setting('autovacuum')::bool AND coalesce((SELECT option_value::bool FROM pg_options_to_table(c.reloptions)
           WHERE option_name = 'autovacuum_enabled'), true)
       AND s.n_dead_tup > coalesce((SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
               WHERE option_name = 'autovacuum_vacuum_threshold'), current_setting('autovacuum_vacuum_threshold')::bigint)
           + greatest(c.reltuples, 0) * coalesce((SELECT option_value::float8 FROM pg_options_to_table(c.reloptions)
               WHERE option_name = 'autovacuum_vacuum_scale_factor'),
               current_setting('autovacuum_vacuum_scale_factor')::float8),
       pg_relation_size(c.oid)
  FROM pg_class c JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = $1::oid)sql";

std::string range_sql(transfer::BlockRange range) {
    return fmt::format("ctid >= '({},0)'::pg_catalog.tid AND ctid < '({},0)'::pg_catalog.tid", range.begin, range.end);
}

// Behind the last block too: the last pass sees what has come meanwhile.
constexpr std::uint32_t all_blocks = 4'294'967'294U;

}  // namespace

Fill::Fill(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
           throttle::Gate& gate, Oid table, QualifiedName name, const Step& step,
           std::function<void(const std::string&)> say)
    : sessions_(sessions),
      store_(store),
      settings_(settings),
      gate_(gate),
      table_(table),
      name_(std::move(name)),
      column_(quote_identifier(step.column)),
      expression_("(" + step.expression + ")"),
      of_session_(step.statements),
      say_(std::move(say)) {
    state_.column = step.column;
}

Task<std::string> Fill::run() {
    const auto known = co_await store_.journal().get<FillState>();
    if (known && known->column == state_.column) {
        state_ = *known;
    } else {
        co_await begin_pass(state_);
    }
    cutover::Pacing pacing;
    for (;;) {
        filled_now_ = 0;
        passed_over_ = false;
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(watch_dead_rows());
        group.spawn(pass_and_stop(group));
        co_await group.join();
        // Of an earlier process of the same pass nothing is known but its chunks.
        const auto chunks = co_await store_.journal().chunks();
        std::uint64_t filled = 0;
        for (const auto& chunk : chunks) filled += chunk.rows;
        auto next = state_;
        next.filled += filled;
        if (filled == 0 && !passed_over_) break;
        ++next.pass;
        co_await begin_pass(next);
        fault_point("fill.pass");
        if (next.pass <= passes_that_are_usual) continue;
        if (!waits_) break;
        const auto wait = pacing.next();
        const auto text = fmt::format(
            "the application goes on writing rows without a value in {}: {} in the last pass; give the column a "
            "default, "
            "or let the application write it; looking again in {}",
            column_, format_count(filled), format_duration(wait));
        spdlog::warn("{}", text);
        say_(text);
        co_await sleep_for(wait);
    }
    const auto compared = co_await compare_some();
    co_await store_.journal().clear_chunks();
    co_await store_.journal().erase<FillState>();
    if (!waits_ && state_.pass > passes_that_are_usual) {
        co_return fmt::format(
            "{} rows were filled; the application goes on writing rows without a value, for which "
            "`pgwraith run` would wait",
            format_count(state_.filled));
    }
    co_return fmt::format("{} rows were filled, {} had a value before, 0 are left{}", format_count(state_.filled),
                          format_count(state_.had_value), compared);
}

Task<void> Fill::begin_pass(FillState state) {
    auto connection = co_await sessions_.open("fill");
    const auto size = co_await connection->query(
        "SELECT pg_relation_size($1::oid) / current_setting('block_size')::int, "
        "pg_snapshot_xmax(pg_current_snapshot())::text",
        postgres::params(std::to_string(table_)));
    state.blocks = static_cast<std::uint32_t>(size.uint64(0, 0));
    if (state.began == 0) state.began = size.uint64(0, 1);
    co_await store_.journal().clear_chunks();
    co_await store_.journal().put(state);
    state_ = state;
}

Task<void> Fill::pass_and_stop(TaskGroup& group) {
    co_await run_pass();
    group.cancel();
}

Task<void> Fill::run_pass() {
    const auto chunks = co_await store_.journal().chunks();
    queue_.emplace(state_.blocks, chunks);
    sizer_.emplace(settings_.copy.chunk_target, transfer::blocks_for_bytes(settings_.copy.chunk_max_bytes, 1, 0));
    progress_ = {state_.pass, state_.filled, state_.blocks - queue_->remaining(), state_.blocks};
    for (const auto& chunk : chunks) progress_.filled += chunk.rows;
    TaskGroup workers(co_await asio::this_coro::executor);
    for (int number = 0; number < throttle::most_workers; ++number) workers.spawn(work(number));
    co_await workers.join();
}

Task<void> Fill::work(int number) {
    const throttle::Turn turn{number, settings_.copy.workers, [this] { return queue_->remaining() == 0; }};
    std::unique_ptr<postgres::Connection> connection;
    for (;;) {
        const bool may_work = co_await gate_.pass(turn);
        if (!may_work) co_return;
        if (!connection) {
            connection = co_await sessions_.open_for_rows(fmt::format("fill {}", number + 1));
            co_await connection->script(fmt::format("SET lock_timeout = '{}ms'", row_wait.count()));
            for (const auto& statement : of_session_) co_await connection->script(statement);
            continue;  // somebody else may have done the rest meanwhile
        }
        sizer_->set_target(settings_.copy.chunk_target);
        const auto share =
            static_cast<std::uint32_t>(queue_->remaining() / static_cast<std::uint64_t>(settings_.copy.workers) + 1);
        auto range = queue_->take(std::min(sizer_->blocks(), std::max(16U, share)));
        if (queue_->remaining() == 0) gate_.look_again();
        if (!range) co_return;
        const auto recorded = *range;
        // Rows that came behind the end since the pass began; in the first pass our own new versions are there.
        if (state_.pass > 1 && range->end == state_.blocks) range->end = all_blocks;
        const auto started = Clock::now();
        std::uint64_t present = 0;
        if (state_.pass == 1) present = co_await count_present(*connection, *range);
        const auto filled = co_await fill_range(*connection, *range);
        fault_point("fill.chunk");
        const store::ChunkRecord chunk{recorded.begin, recorded.end, 1, true, filled};
        co_await store_.journal().chunk_done(chunk);
        if (present > 0) {
            state_.had_value += present;
            co_await store_.journal().put(state_);
        }
        filled_now_ += filled;
        progress_.filled += filled;
        progress_.blocks_done += recorded.end - recorded.begin;
        say_(fmt::format("pass {}: {} rows filled, {} of {} blocks", state_.pass, format_count(progress_.filled),
                         format_count(progress_.blocks_done), format_count(progress_.blocks_total)));
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        sizer_->took(recorded.end - recorded.begin, elapsed);
        const auto idle = transfer::idle_time(elapsed, settings_);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
}

Task<std::uint64_t> Fill::count_present(postgres::Connection& connection, transfer::BlockRange range) {
    // Not the versions that earlier chunks have left in free space further on.
    const auto row = co_await connection.script(
        fmt::format("SELECT count(*) FROM ONLY {} WHERE {} AND {} IS NOT NULL AND pg_catalog.age(xmin) > "
                    "pg_catalog.age('{}'::pg_catalog.xid)",
                    name_.sql(), range_sql(range), column_, static_cast<std::uint32_t>(state_.began)));
    co_return row.uint64(0, 0);
}

// A transaction of its own. Rows are written in physical order; if somebody holds one for long, all that are locked at
// that moment are passed over.
Task<std::uint64_t> Fill::fill_range(postgres::Connection& connection, transfer::BlockRange range) {
    const auto empty = fmt::format("{} IS NULL AND {} IS NOT NULL", column_, expression_);
    const auto update = fmt::format("UPDATE ONLY {} SET {} = {} WHERE ", name_.sql(), column_, expression_);
    const auto plain = fmt::format("{}{} AND {}", update, range_sql(range), empty);
    const auto free_rows = fmt::format(
        "{}ctid = ANY (ARRAY(SELECT ctid FROM ONLY {} WHERE {} AND {} FOR NO KEY UPDATE SKIP LOCKED)) AND {}", update,
        name_.sql(), range_sql(range), empty, empty);
    std::string sql = plain;
    for (bool first = true;; first = false) {
        if (!first) sql = free_rows;
        std::optional<postgres::PgError> held;
        std::uint64_t filled = 0;
        try {
            const auto done = co_await connection.script(sql);
            filled = done.affected();
        } catch (const postgres::PgError& error) {
            using namespace postgres::sqlstate;
            if (!error.is(lock_not_available) && !error.is(deadlock_detected)) throw;
            held = error;
        }
        if (!held) co_return filled;
        if (first) passed_over_ = true;
        if (!first) co_await sleep_for(row_wait);  // the table itself is locked
    }
}

// Each filled row leaves a dead one behind. Autovacuum is waited for if it has reason to come.
Task<void> Fill::watch_dead_rows() {
    auto connection = co_await sessions_.open("dead rows");
    bool said = false;
    for (;;) {
        const auto row = co_await connection->query(dead_sql, postgres::params(std::to_string(table_)));
        const double dead = row.number(0, 0);
        const double all = dead + row.number(0, 1);
        const double share = all > 0 ? dead / all : 0;
        const bool too_many = row.uint64(0, 3) > small_table && share > dead_at_most;
        if (too_many && row.boolean(0, 2)) {
            gate_.hold(dead_rows, fmt::format("{:.0f}% of the rows are dead (limit {:.0f}%): waiting "
                                              "for autovacuum",
                                              100 * share, 100 * dead_at_most));
        } else {
            gate_.clear(dead_rows);
        }
        if (too_many && !row.boolean(0, 2) && !said) {
            said = true;
            spdlog::warn("{:.0f}% of the rows are dead, and autovacuum is not about to come: VACUUM {} takes them away",
                         100 * share, name_.sql());
        }
        co_await sleep_for(look_at_dead_rows);
    }
}

// The first blocks, if the expression gives the same when it is asked twice.
Task<std::string> Fill::compare_some() {
    auto connection = co_await sessions_.open_for_rows("fill check");
    const transfer::BlockRange first{0, compared_blocks};
    const auto type = co_await connection->query(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::oid AND attname = "
        "(parse_ident($2))[1]",
        postgres::params(std::to_string(table_), column_));
    // As text: json has no operator that compares it.
    const auto wanted = fmt::format("(({})::{})::text", expression_, type.text(0, 0));
    auto sql = fmt::format(
        "SELECT count(*), count(*) FILTER (WHERE {0}::text IS NOT DISTINCT FROM {1}), coalesce(bool_and({1} IS NOT "
        "DISTINCT FROM {1}), false) FROM ONLY {2} WHERE {3}",
        column_, wanted, name_.sql(), range_sql(first));
    const auto row = co_await connection->script(std::move(sql));
    if (!row.boolean(0, 2)) co_return "";
    co_return fmt::format("; of {} rows compared {} have what the expression gives now", format_count(row.uint64(0, 0)),
                          format_count(row.uint64(0, 1)));
}

}  // namespace pgwraith::online
