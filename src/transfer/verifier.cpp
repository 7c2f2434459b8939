#include "pgwraith/transfer/verifier.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pace.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/store/key.h"
#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/copier.h"
#include "pgwraith/transfer/documents.h"
#include "pgwraith/transfer/keys.h"
#include "pgwraith/transfer/trend.h"
#include "suspects.h"
#include "walk.h"

namespace pgwraith::transfer {

namespace {

constexpr std::size_t suspects_limit = 20'000;  // more: catch up before comparing on
constexpr int rounds_limit = 50;                // of looking again at keys that keep changing
constexpr std::size_t held_page = 500;          // keys looked at while the applier is held
constexpr std::size_t quick_round = held_page;  // more keys take a while, each round
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

// Whatever the planner believes of a shadow that has only just grown: by their places, or by the index of the key.
constexpr const char* compare_settings =
    "SET enable_seqscan = off; SET enable_tidscan = on; SET work_mem = '64MB'; SET jit = off; "
    "SET max_parallel_workers_per_gather = 0; SET synchronize_seqscans = off";
}  // namespace

void add_differences(std::vector<Difference>& differences, const shadow::Pair& pair,
                     const std::vector<std::string>& compared, const postgres::Result& rows) {
    for (int row = 0; row < rows.rows(); ++row) {
        // By its place, not by its text: one value has several (1.0 and 1.00, and each DateStyle's).
        const auto& key = compared.at(rows.uint64(row, 0) - 1);
        const bool live = rows.boolean(row, 1);
        const bool shadow = rows.boolean(row, 2);
        const auto what = !live ? "is only in the shadow" : !shadow ? "is missing in the shadow" : rows.str(row, 3);
        differences.push_back({key, describe_key(pair, key) + " " + what});
    }
}

Task<std::vector<Difference>> compare_keys(postgres::Connection& connection, shadow::Pair pair,
                                           std::vector<std::string> keys) {
    std::vector<Difference> differences;
    constexpr std::size_t page = 2'000;
    auto sql = shadow::compare_keys_sql(pair, postgres::row_values_shown());
    const auto pages = pages_of(keys, page);
    for (const auto& part : pages) {
        const auto rows = co_await connection.query(sql, key_params(pair, part));
        add_differences(differences, pair, part, rows);
    }
    co_return differences;
}

Verifier::Verifier(Context context, Applier& applier)
    : context_(context), applier_(applier), pace_(std::make_unique<Pace>()), taken_(context.executor) {}

Verifier::~Verifier() = default;

Task<void> Verifier::run() {
    rechecker_ = co_await context_.sessions.open_for_rows("verify");
    co_await rechecker_->script(compare_settings);
    emitter_ = co_await context_.sessions.open("watermark");
    co_await begin();
    // A batch of parts side by side, then what they suspect, then the position is safe to remember.
    while (!walk_->finished()) {
        TaskGroup workers(context_.executor);
        for (int number = 0; number < throttle::most_workers; ++number) workers.spawn(work(number));
        co_await workers.join();
        fault_point("verify.compared");
        co_await recheck_suspects();
        if (rewritten_) {
            spdlog::info("verification: one of the tables was rewritten meanwhile: from the beginning");
            co_await begin_anew(context_.store.journal());
        } else if (!walk_->finished()) {
            co_await save_position();
        }
        fault_point("verify.position");
    }
    rechecker_.reset();  // sessions may be few
    emitter_.reset();
}

Task<void> Verifier::begin() {
    auto& journal = context_.store.journal();
    restless_ = co_await restless(journal);
    const auto saved = co_await journal.get<VerifyPosition>();
    if (!saved) {
        co_await begin_anew(journal);
        co_return;
    }
    walk_ = co_await resume_walk(context_, *rechecker_, *saved);
    if (!walk_) {
        spdlog::info("verification begins again: one of the tables was rewritten since");
        co_await begin_anew(journal);
        co_return;
    }
    progress_.order = walk_->name();
    progress_.rows_live = saved->rows_live;
    progress_.rows_shadow = saved->rows_shadow;
    progress_.repaired = saved->repaired;
    spdlog::info("verification goes on after the first {} rows, {}", progress_.rows_live, walk_->name());
}

Task<void> Verifier::begin_anew(store::Journal& journal) {
    rewritten_ = false;
    co_await journal.erase<VerifyPosition>();
    progress_.rows_live = progress_.rows_shadow = 0;
    walk_ = co_await begin_walk(context_, *rechecker_);
    progress_.order = walk_->name();
    spdlog::info("verification goes {}", walk_->name());
}

Task<void> Verifier::work(int number) {
    // Now and then everybody comes together: see run().
    const milliseconds batch{broken_on_purpose("verify_batches") ? 1 : 20'000};
    const auto end = Clock::now() + batch;
    const throttle::Turn turn{number, workers_, [this, end] {
                                  return walk_->finished() || rewritten_ || Clock::now() >= end ||
                                         suspects_.size() >= suspects_limit;
                              }};
    std::unique_ptr<postgres::Connection> connection;
    for (;;) {
        const bool may_work = co_await context_.gate.pass(turn);
        if (!may_work) break;
        if (!connection) {
            connection = co_await context_.sessions.open_for_rows(fmt::format("verify {}", number + 1));
            co_await connection->script(compare_settings);
            co_await connection->script(walk_->settings());
        }
        auto part = co_await next_part(*connection);
        if (!part) break;
        const auto started = Clock::now();
        std::uint64_t rows = 0;
        int beside = 0;
        {
            const Busy busy(progress_.busy);
            beside = progress_.busy;
            rows = co_await compare(*connection, *part);
            if (beside != progress_.busy) beside = 0;
        }
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        progress_.range_took = elapsed;
        walk_->took(*part, elapsed);
        pace_->took(rows, elapsed, beside, context_.settings.copy.workers);
        const bool more = pace_->workers() > workers_;
        workers_ = pace_->workers();
        if (more) context_.gate.look_again();
        auto idle = idle_time(elapsed, context_.settings);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
    context_.gate.look_again();
}

// One worker at a time: where a part ends is where the next one begins.
Task<std::optional<Part>> Verifier::next_part(postgres::Connection& connection) {
    while (taking_) co_await taken_.wait();
    if (walk_->finished() || rewritten_) co_return std::nullopt;
    taking_ = true;
    std::optional<Part> part;
    std::exception_ptr failure;
    try {
        part = co_await walk_->next(connection);
    } catch (...) {
        failure = std::current_exception();
    }
    taking_ = false;
    taken_.notify_all();
    if (failure) std::rethrow_exception(failure);
    co_return part;
}

// Returns how many rows it compared.
Task<std::uint64_t> Verifier::compare(postgres::Connection& connection, Part part) {
    const auto result = co_await connection.query(part.sql, std::move(part.params));
    if (walk_->is_void(result.oid(0, 3), result.oid(0, 4))) {
        rewritten_ = true;
        co_return 0;
    }
    const auto rows = result.uint64(0, 0) + result.uint64(0, 1);
    progress_.rows_live += result.uint64(0, 0);
    progress_.rows_shadow += result.uint64(0, 1);
    if (result.is_null(0, 2)) co_return rows;
    const auto keys = nlohmann::json::parse(result.text(0, 2));
    for (const auto& key : keys) suspects_.insert(encode(key.get<std::vector<std::string>>()));
    spdlog::debug("verification: {}: {} of {} rows are to be looked up by key", part.where, keys.size(),
                  result.uint64(0, 1));
    co_return rows;
}

Task<void> Verifier::save_position() {
    VerifyPosition position;
    position.rows_live = progress_.rows_live;
    position.rows_shadow = progress_.rows_shadow;
    position.repaired = progress_.repaired;
    walk_->save(position);
    co_await context_.store.journal().put(std::move(position));
}

// Looks at the suspects again until none is left that is merely under way.
Task<void> Verifier::recheck_suspects() {
    std::vector<std::string> open(suspects_.begin(), suspects_.end());
    suspects_.clear();
    progress_.rechecked += open.size();
    co_await come_to_rest(open);
    const int rounds = broken_on_purpose("never_rests") ? 0 : rounds_limit;
    Trend trend;
    for (int round = 0; !open.empty() && round < rounds; ++round) {
        if (trend.settled(open.size()) && open.size() > quick_round) break;
        if (round > 0) co_await applier_.pass();
        std::vector<std::string> moving;
        auto pages = pages_of(open, held_page);
        for (auto& page : pages) {
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
