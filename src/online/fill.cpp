#include "pgwraith/online/fill.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dead_rows.h"
#include "fill_comparison.h"
#include "fill_failure.h"
#include "fill_statements.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/online/documents.h"
#include "pgwraith/postgres/data_error.h"

namespace pgwraith::online {

namespace {

// Rows that somebody writes are no reason to wait for: a row's lock is waited for so long, and never until anybody
// looks for deadlocks.
constexpr milliseconds row_wait{50};
// The rows that a chunk writes are locked until it ends: whoever writes one of them waits for so long.
constexpr milliseconds longest_chunk{100};
// The application goes on writing rows without a value: said from this pass on.
constexpr int passes_that_are_usual = 3;
// How long the rows are compared with the expressions, or a tenth of what filling them took.
constexpr milliseconds compared_for{10'000};

// Behind the last block too: the last pass sees what has come meanwhile.
constexpr std::uint32_t all_blocks = 4'294'967'294U;

// nullopt: somebody holds a lock that it needs.
Task<std::optional<postgres::Result>> script_unless_held_up(postgres::Connection& connection, std::string sql) {
    std::optional<postgres::Result> result;
    try {
        result = co_await connection.script(std::move(sql));
    } catch (const postgres::PgError& error) {
        if (!error.lock_refused()) throw;
    }
    co_return result;
}

}  // namespace

struct Fill::Chunk {
    transfer::BlockRange range;
    std::uint64_t rows = 0;
    std::uint64_t written = 0;
    std::vector<FillCount> counts;  // of its rows
};

Fill::Fill(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
           throttle::Gate& gate, Oid table, QualifiedName name, const Step& step,
           std::function<void(const std::string&)> say, std::function<void(const FillProgress&)> came_to)
    : sessions_(sessions),
      store_(store),
      settings_(settings),
      gate_(gate),
      table_(table),
      name_(std::move(name)),
      columns_(step.fills),
      of_session_(step.statements),
      say_(std::move(say)),
      came_to_(std::move(came_to)) {
    for (const auto& column : columns_) state_.columns.push_back({column.column});
}

Fill::~Fill() = default;

std::string Fill::names() const {
    std::vector<std::string> quoted;
    for (const auto& column : columns_) quoted.push_back(quote_identifier(column.column));
    return fmt::format("{}", fmt::join(quoted, ", "));
}

Task<std::vector<std::string>> Fill::run() {
    const auto started = Clock::now();
    const auto known = co_await store_.journal().get<FillState>();
    if (known && std::ranges::equal(known->columns, state_.columns, {}, &FillCount::column, &FillCount::column)) {
        state_ = *known;
        passed_over_ = true;  // perhaps, by the process before
    } else {
        co_await begin_pass(state_);
    }
    cutover::Pacing pacing;
    for (;;) {
        missed_before_ = std::exchange(missed_, 0);
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(watch_dead_rows(sessions_, settings_, gate_, table_, name_));
        group.spawn(pass_and_stop(group));
        co_await group.join();
        if (!must_go_on()) break;
        passed_over_ = false;
        auto next = state_;
        ++next.pass;
        const auto written = written_;
        co_await begin_pass(next);
        fault_point("fill.pass");
        if (next.pass <= passes_that_are_usual) continue;
        if (!waits_) break;
        const auto wait = pacing.next();
        auto text = written == 0
                        ? fmt::format("rows that others hold locked are left to be filled in {}", names())
                        : fmt::format(
                              "the application goes on writing rows without a value in {}: {} in the last pass; give "
                              "the column a default, or let the application write it",
                              names(), format_count(written));
        text += fmt::format("; looking again in {}", format_duration(wait));
        spdlog::warn("{}", text);
        say_(text);
        co_await sleep_for(wait);
    }
    auto lines = outcome();
    if (settings_.verify == config::Verify::full) {
        const auto limit =
            std::max(compared_for, std::chrono::duration_cast<milliseconds>(Clock::now() - started) / 10);
        const FillText text{name_, columns_};
        const auto compared = co_await compare_filled(sessions_, gate_, table_, text, limit, say_);
        for (std::size_t i = 0; i < lines.size() && compared.rows > 0; ++i) {
            if (!compared.repeatable[i]) continue;
            lines[i] += fmt::format("; of {}{} rows compared {} have what the expression gives now",
                                    compared.complete ? "all " : "", format_count(compared.rows),
                                    format_count(compared.agree[i]));
        }
    }
    co_await store_.journal().clear_chunks();
    co_await store_.journal().erase<FillState>();
    if (!waits_ && state_.pass > passes_that_are_usual) {
        lines.emplace_back("the application goes on writing rows without a value, for which `pgwraith run` would wait");
    }
    co_return lines;
}

// What the last pass has seen with a value, and this migration did not write, is the application's.
std::vector<std::string> Fill::outcome() const {
    std::vector<std::string> lines;
    for (const auto& count : state_.columns) {
        const auto known = count.filled + count.empty;
        const auto theirs = std::max(count.had_value, state_.rows > known ? state_.rows - known : 0);
        lines.push_back(fmt::format("fill {}: {} rows were filled, in {} the application was first, {} are left NULL",
                                    count.column, format_count(count.filled), format_count(theirs),
                                    format_count(count.empty)));
    }
    return lines;
}

// Until nothing was written and nobody stood in the way. The first pass does not see what comes behind its end. What a
// trigger or a rule keeps from being written stays so.
bool Fill::must_go_on() const {
    if (state_.pass == 1 || written_ > 0 || passed_over_) return true;
    return missed_ > 0 && (state_.pass == 2 || missed_ != missed_before_);
}

Task<void> Fill::begin_pass(FillState state) {
    auto connection = co_await sessions_.open("fill");
    const auto size = co_await connection->query(
        "SELECT pg_relation_size($1::oid) / current_setting('block_size')::int, "
        "pg_snapshot_xmax(pg_current_snapshot())::text",
        postgres::params(std::to_string(table_)));
    // An empty table may have rows by the time that the pass comes to its end.
    state.blocks = std::max(1U, static_cast<std::uint32_t>(size.uint64(0, 0)));
    if (state.began == 0) state.began = size.uint64(0, 1);
    for (auto& count : state.columns) count.empty = 0;
    state.rows = 0;
    co_await store_.journal().clear_chunks();
    co_await store_.journal().put(state);
    state_ = state;
}

Task<void> Fill::pass_and_stop(TaskGroup& group) {
    co_await run_pass();
    group.cancel();
}

Task<void> Fill::run_pass() {
    auto connection = co_await sessions_.open("fill");
    const auto rules = co_await connection->query(
        "SELECT count(*) FROM pg_rewrite WHERE ev_class = $1::oid AND ev_type = '2' AND ev_enabled <> 'D'",
        postgres::params(std::to_string(table_)));
    has_rules_ = rules.uint64(0, 0) > 0;
    const auto chunks = co_await store_.journal().chunks();
    queue_.emplace(state_.blocks, chunks);
    sizer_.emplace(std::min(settings_.copy.chunk_target, longest_chunk),
                   transfer::blocks_for_bytes(settings_.copy.chunk_max_bytes, 1, 0));
    blocks_done_ = state_.blocks - queue_->remaining();
    // Of an earlier process of the same pass nothing is known but its chunks.
    written_ = 0;
    for (const auto& chunk : chunks) written_ += chunk.rows;
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
        sizer_->set_target(std::min(settings_.copy.chunk_target, longest_chunk));
        const auto share =
            static_cast<std::uint32_t>(queue_->remaining() / static_cast<std::uint64_t>(settings_.copy.workers) + 1);
        const auto range = queue_->take(std::min(sizer_->blocks(), std::max(16U, share)));
        if (queue_->remaining() == 0) gate_.look_again();
        if (!range) co_return;
        const auto started = Clock::now();
        Chunk chunk;
        chunk.range = *range;
        chunk.counts.resize(columns_.size());
        std::optional<postgres::PgError> refused;
        try {
            co_await fill_chunk(*connection, chunk);
        } catch (const postgres::PgError& error) {
            if (!postgres::is_data_error(error)) throw;
            refused = error;
        }
        if (refused) {
            const FillText text{name_, columns_};
            auto named = co_await fill_refused(*connection, table_, text, chunk.range, *refused);
            throw named;
        }
        fault_point("fill.chunk");
        co_await record(chunk);
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        sizer_->took(range->end - range->begin, elapsed);
        const auto idle = transfer::idle_time(elapsed, settings_);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
}

Task<void> Fill::fill_chunk(postgres::Connection& connection, Chunk& chunk) {
    auto range = chunk.range;
    // Rows that came behind the end since the pass began; in the first pass our own new versions are there.
    if (state_.pass > 1 && range.end == state_.blocks) range.end = all_blocks;
    const auto recorded = std::exchange(chunk.range, range);
    const FillText text{name_, columns_};
    const auto look = look_sql(text, range, state_.pass, state_.began);
    std::optional<postgres::Result> seen;
    while (!seen) {
        seen = co_await script_unless_held_up(connection, look);
        if (!seen) co_await sleep_for(row_wait);  // the table itself is locked
    }
    const auto count = columns_.size();
    std::vector<std::vector<std::size_t>> combinations;
    std::uint64_t wanted = 0;
    for (int row = 0; row < seen->rows(); ++row) {
        std::vector<std::size_t> columns;
        for (std::size_t i = 0; i < count; ++i) {
            const auto place = static_cast<int>(count + 1 + i);
            if (seen->boolean(row, static_cast<int>(i))) columns.push_back(i);
            if (state_.pass == 1) chunk.counts[i].had_value += seen->uint64(row, place);
            chunk.counts[i].empty += seen->uint64(row, place + static_cast<int>(count));
        }
        chunk.rows += seen->uint64(row, static_cast<int>(count));
        if (columns.empty()) continue;
        wanted += seen->uint64(row, static_cast<int>(count));
        combinations.push_back(std::move(columns));
    }
    // Rows that need more columns are filled whole before those that need fewer are looked for.
    std::ranges::stable_sort(combinations, std::ranges::greater{}, &std::vector<std::size_t>::size);
    for (const auto& columns : combinations) co_await fill_columns(connection, columns, chunk);
    if (wanted > chunk.written) missed_ += wanted - chunk.written;
    chunk.range = recorded;
}

// A transaction of its own. Rows are written in physical order; if somebody holds one for long, all that are locked at
// that moment are passed over.
Task<void> Fill::fill_columns(postgres::Connection& connection, std::vector<std::size_t> columns, Chunk& chunk) {
    const FillText text{name_, columns_};
    auto taken = RowsTaken::all;
    std::optional<postgres::Result> done;
    while (!done) {
        const auto update = fill_sql(text, columns, chunk.range, taken, !has_rules_);
        done = co_await script_unless_held_up(connection, update);
        if (done) break;
        if (taken == RowsTaken::free) co_await sleep_for(row_wait);  // the table itself is locked
        passed_over_ = true;
        taken = RowsTaken::free;
    }
    chunk.written += has_rules_ ? done->affected() : done->uint64(0, 0);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& count = chunk.counts[columns[i]];
        const auto filled = has_rules_ ? done->affected() : done->uint64(0, static_cast<int>(i) + 1);
        count.filled += filled;
        count.empty -= std::min(count.empty, filled);
    }
}

Task<void> Fill::record(Chunk chunk) {
    const store::ChunkRecord done{chunk.range.begin, chunk.range.end, 1, true, chunk.written};
    co_await store_.journal().chunk_done(done);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        state_.columns[i].filled += chunk.counts[i].filled;
        state_.columns[i].had_value += chunk.counts[i].had_value;
        state_.columns[i].empty += chunk.counts[i].empty;
    }
    state_.rows += chunk.rows;
    written_ += chunk.written;
    blocks_done_ += chunk.range.end - chunk.range.begin;
    say_(fmt::format("pass {}: {} rows filled, {} of {} blocks", state_.pass, format_count(written_),
                     format_count(blocks_done_), format_count(state_.blocks)));
    if (came_to_) came_to_({state_.pass, blocks_done_, state_.blocks, state_.rows});
    // One after the other: the pool would write them in any order.
    not_recorded_ = true;
    if (recording_) co_return;
    recording_ = true;
    while (std::exchange(not_recorded_, false)) co_await store_.journal().put(state_);
    recording_ = false;
}

}  // namespace pgwraith::online
