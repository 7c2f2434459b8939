#include "attempt.h"

#include <fmt/format.h>

#include "convergence.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/transfer/purge.h"
#include "pgwraith/transfer/trend.h"
#include "prepare.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

constexpr milliseconds stream_looked_at_every{10'000};

}  // namespace

Attempt::Attempt(AttemptContext context, Owner& owner, std::unique_ptr<postgres::Connection> session)
    : context_(context),
      board_(context.board),
      state_(context.store.journal()),
      names_(context.identity.names()),
      owner_(owner),
      watch_(context),
      session_(std::move(session)) {}

Attempt::~Attempt() = default;

Task<void> Attempt::run() {
    auto phase = co_await state_.phase();
    if (phase == Phase::prepare) {
        board_.enter(Phase::prepare);
        TaskGroup group(context_.executor);
        group.spawn(watch_.while_preparing());
        group.spawn(run_and_finish(make_everything(), group));
        co_await join_watched(group);
    }
    board_.progress.slot = true;
    co_await begin();
    TaskGroup group(context_.executor);
    group.spawn(capture_->run());
    group.spawn(signals_->run());
    group.spawn(report());
    group.spawn(watch_.run(definition_));
    group.spawn(owner_.watch(context_.identity.table_oid, context_.identity.shadow_table(), board_.progress));
    group.spawn(run_and_finish(phases(), group));
    co_await join_watched(group);
}

// Side by side: neither asks for what the other one finds.
Task<void> Attempt::begin() {
    TaskGroup group(context_.executor);
    group.spawn(load());
    group.spawn(begin_signals());
    co_await group.join();
}

Task<void> Attempt::begin_signals() {
    noted_standbys_ = co_await state_.standbys();
    board_.standbys.remember(noted_standbys_);
    const throttle::Context judged{context_.sessions, board_.settings, board_.gate, board_.standbys};
    signals_ = std::make_unique<throttle::Signals>(judged, names_.slot);
    co_await signals_->begin();
}

Task<void> Attempt::make_everything() {
    auto prepared = co_await prepare(context_, std::move(session_));
    new_slot_ = std::move(prepared.slot);
    session_ = std::move(prepared.session);
}

// Without its publication the stream fails too; that is not what a user must be told.
Task<void> Attempt::join_watched(TaskGroup& group) {
    std::optional<postgres::PgError> refused;
    std::exception_ptr failure;
    try {
        co_await group.join();
    } catch (const postgres::PgError& error) {
        refused = error;
        failure = std::current_exception();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && watch_.verdict() && !is_cancellation(failure)) throw Error(*watch_.verdict());
    if (refused) refuse_unpublishable(*refused);
    if (failure) std::rethrow_exception(failure);
}

// The server means the shadow; its hint, followed on the live table, would make the application's writes fail.
void Attempt::refuse_unpublishable(const postgres::PgError& error) {
    const auto text = error.message() + error.detail();
    const bool of_identity = error.is(postgres::sqlstate::object_not_in_prerequisite_state) ||
                             error.is(postgres::sqlstate::invalid_column_reference);
    if (!of_identity ||
        (text.find("replica identity") == std::string::npos && text.find("Replica identity") == std::string::npos)) {
        return;
    }
    const auto publishers = board_.company.publishers();
    throw Error(
        ErrorKind::stopped,
        fmt::format("our writes to the shadow table {} are refused, because publication {} publishes it as well: "
                    "{}",
                    pair_.shadow.sql(), publishers.empty() ? "of somebody" : publishers, error.message()),
        "The error is about the shadow: leave the replica identity of the live table as it is. Take the shadow out "
        "of that publication (publish the tables one by one, or by schema) and run the same command again.");
}

Task<void> Attempt::run_and_finish(Task<void> work, TaskGroup& group) {
    co_await std::move(work);
    group.cancel();
}

namespace {

// Rows, by earlier processes.
Task<std::uint64_t> copied_before(const store::Journal& journal) {
    std::uint64_t rows = 0;
    for (const auto& chunk : co_await journal.chunks()) {
        if (chunk.done) rows += chunk.rows;
    }
    co_return rows;
}

}  // namespace

// The live table's definition decides everything that follows: it must be what it was.
Task<void> Attempt::load() {
    if (!session_) session_ = co_await context_.sessions.open_for_rows("migration");
    auto& connection = *session_;
    const auto verified = co_await state_.verified();
    definition_ = co_await state_.definition();
    blueprint_ = co_await state_.blueprint();
    copy_start_ = co_await state_.copy_start();
    co_await recall_wish(board_, context_.store, noted_wish_);
    const auto borrowed = co_await state_.borrowed_identity();
    board_.progress.borrowed_identity.clear();
    if (borrowed) board_.progress.borrowed_identity = borrowed->in_words();
    live_ = co_await catalog::read_table(connection, context_.identity.table_oid);
    pair_ = {live_.oid,          live_.name, blueprint_.shadow_oid, {names_.new_schema, live_.name.name},
             blueprint_.mapping, names_.slot};
    co_await watch_.look(connection);
    co_await check_definition();
    co_await check_shadow(connection);
    co_await drop_set_aside(connection);
    if (verified) show_verified(*verified);
    board_.progress.unverified_columns.clear();
    for (const auto& column : plan::unverified_columns(blueprint_.mapping)) {
        board_.progress.unverified_columns.push_back(column.column);
    }

    capture::CaptureTarget target{live_.oid, names_.slot, names_.publication, {}};
    for (const auto& column : pair_.mapping.key) target.key_columns.push_back(column.live.name);
    const capture::Context followed{context_.executor, context_.sessions, context_.store, board_.company};
    capture_ = std::make_unique<capture::Capture>(followed, target, std::move(new_slot_));
    co_await capture_->recall();
    capture_->set_copied_from(copy_start_.from);
    moving_.emplace(transfer::Context{context_.executor, context_.sessions, context_.store, *capture_, board_.gate,
                                      board_.settings, pair_, blueprint_});
    applier_ = std::make_unique<transfer::Applier>(*moving_);
    applied_before_ = board_.progress.changes_applied;
    received_before_ = board_.progress.changes_received;
    board_.progress.row_estimate = static_cast<std::uint64_t>(std::max(0.0, live_.row_estimate));
    auto& copied = board_.progress.rows_copied;
    if (copied == 0) copied = co_await copied_before(context_.store.journal());
}

// A user who drops the shadow ends the migration; no copied row is left to go on with.
Task<void> Attempt::check_shadow(postgres::Connection& connection) {
    auto found = co_await catalog::find_relation(connection, pair_.shadow);
    if (found == pair_.shadow_oid) co_return;
    const char* what = found ? "is not the one that this migration made" : "is gone: somebody dropped or renamed it";
    throw Error(ErrorKind::stopped, fmt::format("the shadow table {} {}", pair_.shadow.sql(), what),
                "The migration cannot go on without it. `pgwraith abort`, then start anew.");
}

void Attempt::show_verified(const Verification& verified) {
    board_.progress.rows_verified = verified.rows_live;
    board_.progress.shadow_rows_verified = verified.rows_shadow;
    board_.progress.differences_repaired = verified.repaired;
}

Task<void> Attempt::check_definition() {
    auto now = co_await catalog::read_definition(*session_, context_.identity.table_oid);
    auto changed = catalog::changes(definition_, now);
    if (broken_on_purpose("definition")) co_return;
    if (!changed.drift.empty()) throw cutover::altered(live_.name, changed.drift);
}

Task<void> Attempt::enter(Phase phase) {
    measure();  // the last figures of the phase that ends
    co_await state_.set_phase(phase);
    board_.enter(phase);
    fault_point((std::string("phase.") + phase_name(phase)).c_str());
}

Task<void> Attempt::phases() {
    const auto why = co_await state_.starting_over();
    if (why) co_await start_over(*why);
    for (;;) {
        std::optional<std::string> rewritten;
        std::optional<transfer::DataRefused> unmet;
        // What ended the round before may have cancelled a question that was on its way.
        if (!session_->is_open()) session_ = co_await context_.sessions.open_for_rows("migration");
        try {
            auto phase = co_await state_.phase();
            if (phase == Phase::copy) co_await copy();
            if (phase == Phase::copy || phase == Phase::build) co_await build();
            co_await follow();
            co_return;
        } catch (const transfer::TableRewritten& error) {
            rewritten = error.message();
        } catch (const transfer::DataRefused& error) {
            if (!is_untouched(error.check())) throw;
            unmet = error;
        }
        if (rewritten) co_await start_over(*rewritten);
        if (unmet) co_await set_aside(*unmet);
    }
}

Task<void> Attempt::copy() {
    board_.enter(Phase::copy);
    copier_ = std::make_unique<transfer::Copier>(*moving_, copy_start_.target);
    co_await copier_->run();
    co_await check_definition();
    co_await enter(Phase::build);
}

Task<void> Attempt::build() {
    board_.enter(Phase::build);
    board_.tell_once(hooks::Moment::copied);
    co_await board_.gate.pass();
    builder_ = std::make_unique<transfer::Builder>(*moving_);
    // The stream may still have to come through all that the copy has written: time enough for VACUUM.
    TaskGroup group(context_.executor);
    group.spawn(builder_->vacuum());
    group.spawn(purge());
    co_await group.join();
    fault_point("build.purged");
    co_await builder_->run();
    co_await check_definition();
    co_await enter(Phase::catch_up);
}

Task<void> Attempt::purge() {
    if (!broken_on_purpose("purge_watermark")) co_await capture_->watermark(*session_);
    if (broken_on_purpose("purge")) co_return;
    auto removed = co_await transfer::purge_by_ranges(*moving_);
    if (removed > 0) {
        spdlog::info("{} rows that changed during the copy were taken out, to be read again", format_count(removed));
    }
}

// From here on the applier runs beside everything else.
Task<void> Attempt::follow() {
    TaskGroup group(context_.executor);
    group.spawn(applier_->run());
    group.spawn(run_and_finish(to_the_swap(), group));
    co_await group.join();
}

Task<void> Attempt::to_the_swap() {
    auto phase = co_await state_.phase();
    board_.enter(phase);
    co_await catch_up();
    if (phase == Phase::catch_up) co_await enter(Phase::verify);
    if (phase == Phase::catch_up || phase == Phase::verify) {
        if (board_.settings.verify == config::Verify::full) co_await verify();
        co_await check_orphans();
        auto analyzed = co_await transfer::refresh_statistics(*session_, pair_);
        if (analyzed) spdlog::info("the new table's statistics were gathered again");
        co_await check_names();
        co_await enter(Phase::ready);
    }
    board_.tell_once(hooks::Moment::ready);
    co_await wait_for_the_moment();
    co_await enter(Phase::cutover);
    co_await cut_over();
    if (board_.rehearses()) co_return;  // whoever called us goes back
    co_await enter(Phase::done);
}

// Asked once, before anybody is told that it is ready: it reads tables whole. What comes later is found when the keys
// are validated, after the swap.
Task<void> Attempt::check_orphans() {
    if (!carry::may_have_orphans(pair_, blueprint_.foreign_keys)) co_return;
    co_await board_.gate.pass();
    auto connection = co_await context_.sessions.open_for_rows("foreign keys");
    co_await carry::refuse_orphans(*connection, pair_, blueprint_.foreign_keys);
}

Task<void> Attempt::catch_up() {
    Convergence convergence;
    transfer::Trend trend;
    for (;;) {
        co_await await_stream();
        transfer::check_not_truncated(*capture_, pair_);
        const auto result = co_await applier_->pass();
        made_progress_ = made_progress_ || result.applied > 0;
        if (is_caught_up(result, trend.settled(result.seen))) co_return;
        say_behind(convergence.after(result));
    }
}

Task<void> Attempt::await_stream() {
    TaskGroup group(context_.executor);
    group.spawn(watch_stream_lag());
    group.spawn(run_and_finish(capture_->watermark(*session_), group));
    co_await group.join();
}

Task<void> Attempt::watch_stream_lag() {
    for (;;) {
        const auto before = board_.progress.stream_lag_bytes;
        const auto since = Clock::now();
        co_await sleep_for(stream_looked_at_every);
        const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - since);
        say_behind(stream_falls_behind(before, board_.progress.stream_lag_bytes, passed));
    }
}

void Attempt::say_behind(std::optional<std::string> warning) {
    auto& progress = board_.progress;
    if (warning && !progress.falls_behind) spdlog::warn("{}", *warning);
    progress.falls_behind = warning.has_value();
    progress.activity = {std::move(warning).value_or("")};
}

Task<void> Attempt::verify() {
    transfer::check_not_truncated(*capture_, pair_);
    verifier_ = std::make_unique<transfer::Verifier>(*moving_, *applier_);
    co_await verifier_->run();
    const auto& done = verifier_->progress();
    spdlog::info("verified: {} rows of {} against {} rows of the shadow, {} of them looked at again, {} repaired",
                 format_count(done.rows_live), pair_.live.sql(), format_count(done.rows_shadow),
                 format_count(done.rechecked), format_count(done.repaired));
    Verification in_all{done.rows_live, done.rows_shadow, repaired_before_ + done.repaired};
    co_await state_.set_verified(in_all);
    show_verified(in_all);
    board_.progress.last_verification = Verification{done.rows_live, done.rows_shadow, done.repaired};
    ++board_.progress.verifications;
    board_.verify_requested = false;
}

// The recorded phase stays ready: if this process dies meanwhile, the verification that led there still holds.
Task<void> Attempt::verify_again() {
    spdlog::info("verifying again, as asked");
    co_await state_.forget_verification();
    repaired_before_ = board_.progress.differences_repaired;
    verifier_.reset();
    board_.enter(Phase::verify);
    co_await verify();
    board_.enter(Phase::ready);
}

// The live table's rows are no longer where they were: an empty shadow, without indexes, and all chunks again. The
// ledger stays, so that nothing that changed is lost. The intention is recorded first: chunks counted as done over an
// emptied shadow would be lost rows, chunks counted as not done over a full one would be rows twice.
Task<void> Attempt::start_over(std::string why) {
    spdlog::warn("{}: the copy starts over", why);
    co_await state_.set_starting_over(why);
    fault_point("start_over.intent");
    auto connection = co_await context_.sessions.open("start over");
    co_await connection->script("BEGIN");
    co_await shadow::take_off(*connection, pair_.shadow_oid);
    co_await catalog::script_naming_holders(*connection, "TRUNCATE TABLE ONLY " + pair_.shadow.sql() + "; COMMIT",
                                            pair_.shadow_oid, catalog::LockStrength::access_exclusive);
    fault_point("start_over.truncated");
    copy_start_ = co_await begin_copy(*connection, pair_.live_oid);
    capture_->set_copied_from(copy_start_.from);
    co_await state_.set_copy_start(copy_start_);
    co_await state_.set_phase(Phase::copy);
    fault_point("start_over.recorded");
    co_await state_.clear_starting_over();
    verifier_.reset();
}

}  // namespace pgwraith::migration
