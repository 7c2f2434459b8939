#include "pgwraith/transfer/verifier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "pgwraith/base/faults.h"
#include "pgwraith/store/key.h"
#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/copier.h"
#include "pgwraith/transfer/documents.h"
#include "pgwraith/transfer/keys.h"
#include "suspects.h"

namespace pgwraith::transfer {

namespace {

constexpr std::size_t suspects_limit = 20'000;  // more: catch up before comparing on
constexpr int rounds_limit = 50;                // of looking again at keys that keep changing
constexpr std::size_t held_page = 500;          // keys looked at while the applier is held
constexpr std::size_t named_repairs = 1'000;    // lines at most; more would only bury the rest of the log

// Names a row in the log if rows' values may stand there: up to the limit, which is one for all verifications of the
// process.
void name_in_log(const std::string& text) {
    static std::size_t named = 0;
    if (!postgres::row_values_shown() || named > named_repairs) return;
    if (named++ == named_repairs) {
        spdlog::error("verification: {} rows were named; the others are only counted", named_repairs);
    } else {
        spdlog::error("verification: {}", text);
    }
}

std::string encode(const std::vector<std::string>& columns) {
    std::vector<std::string_view> views(columns.begin(), columns.end());
    return store::encode_key(views);
}

// Ordered access by key for both sides; the ranges are large enough for the planner to be tempted otherwise, and the
// statistics of a shadow that has only just grown are not to be believed.
constexpr const char* compare_settings =
    "SET enable_seqscan = off; SET work_mem = '64MB'; SET jit = off; SET max_parallel_workers_per_gather = 0; "
    "SET synchronize_seqscans = off";

}  // namespace

Task<std::vector<Difference>> compare_keys(postgres::Connection& connection, shadow::Pair pair,
                                           std::vector<std::string> keys) {
    std::vector<Difference> differences;
    constexpr std::size_t page = 2'000;
    auto sql = shadow::compare_keys_sql(pair, postgres::row_values_shown());
    for (std::size_t at = 0; at < keys.size(); at += page) {
        auto end = keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), at + page));
        std::vector<std::string> part(keys.begin() + static_cast<std::ptrdiff_t>(at), end);
        auto rows = co_await connection.query(sql, key_params(pair, part));
        for (int row = 0; row < rows.rows(); ++row) {
            // By its place, not by its text: one value has several (1.0 and 1.00, and each DateStyle's).
            const auto& key = part.at(rows.uint64(row, 0) - 1);
            bool live = rows.boolean(row, 1);
            bool shadow = rows.boolean(row, 2);
            auto what = !live ? "is only in the shadow" : !shadow ? "is missing in the shadow" : rows.str(row, 3);
            differences.push_back({key, describe_key(pair, key) + " " + what});
        }
    }
    co_return differences;
}

Verifier::Verifier(Context context, Applier& applier)
    : context_(context), applier_(applier), taken_(context.executor) {}

Task<void> Verifier::run() {
    restless_ = co_await restless(context_.store.journal());
    const auto saved = co_await context_.store.journal().get<VerifyPosition>();
    if (saved) {
        cursor_ = saved->position;
        progress_.rows_live = saved->rows_live;
        progress_.rows_shadow = saved->rows_shadow;
        progress_.repaired = saved->repaired;
        spdlog::info("verification goes on after the first {} rows", progress_.rows_live);
    }
    rechecker_ = co_await context_.sessions.open_for_rows("verify");
    co_await rechecker_->script(compare_settings);
    emitter_ = co_await context_.sessions.open("watermark");
    // A batch of ranges side by side, then what they suspect, then the position is safe to remember.
    while (!handed_out_all_) {
        TaskGroup workers(context_.executor);
        for (int number = 0; number < throttle::most_workers; ++number) workers.spawn(work(number));
        co_await workers.join();
        fault_point("verify.compared");
        co_await recheck_suspects();
        if (!handed_out_all_) co_await save_position();
        fault_point("verify.position");
    }
    rechecker_.reset();  // sessions may be few
    emitter_.reset();
}

Task<void> Verifier::work(int number) {
    // Now and then everybody comes together: see run().
    const milliseconds batch{broken_on_purpose("verify_batches") ? 1 : 20'000};
    const auto end = Clock::now() + batch;
    const throttle::Turn turn{number, context_.settings.copy.workers, [this, end] {
                                  return handed_out_all_ || Clock::now() >= end || suspects_.size() >= suspects_limit;
                              }};
    std::unique_ptr<postgres::Connection> connection;
    for (;;) {
        const bool may_work = co_await context_.gate.pass(turn);
        if (!may_work) break;
        if (!connection) {
            connection = co_await context_.sessions.open_for_rows(fmt::format("verify {}", number + 1));
            co_await connection->script(compare_settings);
        }
        Range range;
        if (!co_await next_range(*connection, range)) break;
        auto started = Clock::now();
        co_await compare(*connection, range);
        auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        range_rows_ = next_range_rows(range_rows_, elapsed, context_.settings.copy.chunk_target);
        auto idle = idle_time(elapsed, context_.settings);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
    context_.gate.look_again();
}

// The range's end is a key of the live table, found by its index alone; one worker at a time looks for it.
Task<bool> Verifier::next_range(postgres::Connection& connection, Range& range) {
    while (taking_) co_await taken_.wait();
    if (handed_out_all_) co_return false;
    taking_ = true;
    std::exception_ptr failure;
    try {
        range.lower = cursor_;
        std::vector<postgres::Param> bounds(cursor_.begin(), cursor_.end());
        bounds.emplace_back(std::to_string(range_rows_ - 1));
        auto end = co_await connection.query(shadow::range_end_sql(context_.pair, !cursor_.empty()), bounds);
        if (end.empty()) {
            handed_out_all_ = true;
        } else {
            for (int column = 0; column < end.columns(); ++column) range.upper.push_back(end.str(0, column));
            cursor_ = range.upper;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    taking_ = false;
    taken_.notify_all();
    if (failure) std::rethrow_exception(failure);
    co_return true;
}

Task<void> Verifier::compare(postgres::Connection& connection, const Range& range) {
    std::vector<postgres::Param> bounds(range.lower.begin(), range.lower.end());
    bounds.insert(bounds.end(), range.upper.begin(), range.upper.end());
    auto result = co_await connection.query(
        shadow::compare_range_sql(context_.pair, !range.lower.empty(), !range.upper.empty()), bounds);
    progress_.rows_live += result.uint64(0, 0);
    progress_.rows_shadow += result.uint64(0, 1);
    if (result.is_null(0, 2)) co_return;
    for (const auto& key : nlohmann::json::parse(result.text(0, 2))) {
        suspects_.insert(encode(key.get<std::vector<std::string>>()));
    }
}

Task<void> Verifier::save_position() {
    if (cursor_.empty()) co_return;
    VerifyPosition position{cursor_, progress_.rows_live, progress_.rows_shadow, progress_.repaired};
    co_await context_.store.journal().put(std::move(position));
}

// Looks at the suspects again until none is left that is merely under way.
Task<void> Verifier::recheck_suspects() {
    std::vector<std::string> open(suspects_.begin(), suspects_.end());
    suspects_.clear();
    progress_.rechecked += open.size();
    co_await come_to_rest(open);
    const int rounds = broken_on_purpose("never_rests") ? 0 : rounds_limit;
    for (int round = 0; !open.empty() && round < rounds; ++round) {
        if (round > 0) co_await applier_.pass();
        std::vector<std::string> moving;
        for (std::size_t at = 0; at < open.size(); at += held_page) {
            auto end = std::min(open.size(), at + held_page);
            std::vector<std::string> page(open.begin() + static_cast<std::ptrdiff_t>(at),
                                          open.begin() + static_cast<std::ptrdiff_t>(end));
            auto wrong = co_await true_differences(page);
            moving.insert(moving.end(), page.begin(), page.end());
            if (wrong.empty()) continue;
            auto changed = co_await repair(std::move(wrong));
            moving.insert(moving.end(), changed.begin(), changed.end());
        }
        open = std::move(moving);
    }
    report_repairs();
    if (open.empty()) co_return;
    restless_.insert(open.begin(), open.end());
    co_await save_restless();
    spdlog::info("{} rows change too fast to be compared now: they are compared at the cutover", open.size());
}

void Verifier::report_repairs() {
    if (repaired_now_ == 0) return;
    spdlog::error(
        "verification: {} rows differed without a pending change: repaired and compared again. Either the shadow was "
        "written to from outside, or a change did not get there{}",
        std::exchange(repaired_now_, 0), postgres::row_values_shown() ? "" : " (`log.row_values: true` names them)");
}

Task<void> Verifier::save_restless() {
    RestlessKeys restless;
    for (const auto& key : restless_) {
        auto columns = store::decode_key(key, context_.pair.mapping.key.size());
        restless.keys.emplace_back(columns.begin(), columns.end());
    }
    co_await context_.store.journal().put(std::move(restless));
}

Task<std::set<std::string>> Verifier::restless(const store::Journal& journal) {
    std::set<std::string> keys;
    const auto saved = co_await journal.get<RestlessKeys>();
    if (!saved) co_return keys;
    for (const auto& key : saved->keys) keys.insert(encode(key));
    co_return keys;
}

// Most suspects were merely under way, and are equal once the applier has been there. It is not held for these.
Task<void> Verifier::come_to_rest(std::vector<std::string>& open) {
    while (!open.empty()) {
        auto before = open.size();
        co_await applier_.pass();
        auto differing = co_await compare_keys(*rechecker_, context_.pair, open);
        open.clear();
        for (auto& difference : differing) open.push_back(std::move(difference.key));
        if (open.size() > before / 2) co_return;
    }
}

// Leaves in `open` what differs only because its change is still in the ledger.
Task<std::vector<std::string>> Verifier::true_differences(std::vector<std::string>& open) {
    co_await applier_.pause();
    std::vector<std::string> wrong;
    std::exception_ptr failure;
    try {
        auto differing = co_await compare_keys(*rechecker_, context_.pair, open);
        // All that the comparison saw has reached the ledger when this returns, and nothing has left it since.
        if (!differing.empty()) co_await context_.capture.watermark(*emitter_);
        check_not_truncated(context_.capture, context_.pair);
        open.clear();
        for (auto& difference : differing) open.push_back(difference.key);
        const auto pending = co_await context_.store.ledger().contains(open);
        auto sorted = sort_differences(std::move(differing), pending);
        open = std::move(sorted.under_way);
        for (auto& difference : sorted.wrong) {
            name_in_log(difference.text);
            wrong.push_back(std::move(difference.key));
        }
    } catch (...) {
        failure = std::current_exception();
    }
    applier_.resume();
    if (failure) std::rethrow_exception(failure);
    co_return wrong;
}

// A repair is an entry of the ledger like any other; afterwards the rows must compare clean. Returns the keys that
// were changed meanwhile: they are still to be compared.
Task<std::vector<std::string>> Verifier::repair(std::vector<std::string> keys) {
    std::vector<store::LedgerEntry> entries;
    for (const auto& key : keys) entries.push_back({key, 0, Lsn{}});
    co_await context_.store.ledger().add(entries, std::nullopt);
    fault_point("verify.repair");
    co_await applier_.pass();
    auto open = keys;
    auto still_wrong = co_await true_differences(open);
    if (!still_wrong.empty()) {
        throw Error(
            ErrorKind::stopped,
            fmt::format("verification: {} rows of the shadow differ from {} and stay so after a repair, "
                        "among them {}",
                        still_wrong.size(), context_.pair.live.sql(), describe_key(context_.pair, still_wrong.front())),
            "The live table is untouched and was not swapped. Something else writes to the shadow table, or an "
            "expression is not deterministic. `pgwraith abort`, and report it.");
    }
    progress_.repaired += keys.size();
    repaired_now_ += keys.size();
    co_return open;
}

}  // namespace pgwraith::transfer
