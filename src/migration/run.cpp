// The supervisor: one process's way through a migration, attempt by attempt.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include "after_commit.h"
#include "attempt.h"
#include "connections.h"
#include "context.h"
#include "done.h"
#include "dumpers.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/migration/migration.h"
#include "prepare.h"
#include "retry.h"

namespace pgwraith::migration {

namespace {

bool is_refusal(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::refused;
    } catch (...) {
        return false;
    }
}

// With which the new table is in use, but not as good as it is to be.
Error unfinished(const QualifiedName& table, const std::vector<std::string>& waiting) {
    return Error(
        ErrorKind::stopped,
        fmt::format("{} has its new shape, but this could not be done after the swap, because of locks that others "
                    "hold:\n  - {}",
                    table.sql(), fmt::join(waiting, "\n  - ")),
        "Keys bind new rows already. The same command tries again (cutover.validate_timeout says for how long); "
        "or run these statements yourself and `pgwraith abort`, which takes nothing of the swap back.");
}

// The functions in its schema that take or return its rows: the swap has put them there.
Task<std::string> drop_row_functions(postgres::Connection& connection, QualifiedName old) {
    const auto functions = co_await connection.query(
        "SELECT DISTINCT format('DROP ROUTINE %I.%I(%s); ', n.nspname, f.proname, "
        "                       pg_get_function_identity_arguments(f.oid)) "
        "  FROM pg_class c JOIN pg_type y ON y.oid = c.reltype "
        "  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass "
        "                  AND d.refobjid IN (y.oid, y.typarray) "
        "  JOIN pg_proc f ON f.oid = d.objid AND f.pronamespace = c.relnamespace "
        "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)",
        postgres::params(old.sql()));
    std::string sql;
    for (int row = 0; row < functions.rows(); ++row) sql += functions.str(row, 0);
    co_return sql;
}

// What hangs on it may be a session's own: a temporary view or table.
Task<void> drop_old_table(postgres::Connection& connection, QualifiedName old) {
    std::string sql = co_await drop_row_functions(connection, old);
    sql += fmt::format("DROP TABLE IF EXISTS {}; DROP SCHEMA IF EXISTS {}", old.sql(), quote_identifier(old.schema));
    std::optional<postgres::PgError> failure;
    try {
        co_await connection.script(sql);
    } catch (const postgres::PgError& error) {
        if (!error.is("2BP01") && !error.is(postgres::sqlstate::lock_not_available)) throw;
        failure = error;
    }
    if (!failure) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("the table has its new shape, but the old one, {}, cannot be dropped: {}{}", old.sql(),
                            failure->message(), failure->detail().empty() ? "" : " (" + failure->detail() + ")"),
                "What sessions have for themselves (temporary views and tables) goes with them. The same command tries "
                "again; or drop it yourself and `pgwraith abort`, which takes nothing of the swap back.");
}

Error stopped_by_request(bool swapped, bool slot) {
    if (swapped) {
        return Error(ErrorKind::stopped, "stopped on request; the table has its new shape, the rest is not done yet",
                     "The same command does what is left (foreign keys are validated, the old table is dropped).");
    }
    std::string hint = "The same command carries on; `pgwraith abort` drops everything.";
    if (slot) hint += " Until then the replication slot keeps WAL on the server.";
    return Error(ErrorKind::stopped, "stopped on request; the state is kept", hint);
}

}  // namespace

class Run : public Migration {
  public:
    Run(asio::any_io_executor executor, config::Settings settings)
        : executor_(executor),
          board_(executor, std::move(settings)),
          sessions_(board_.settings.connection),
          retry_(board_) {
        board_.progress.started = Clock::now();
    }

    Task<void> run() override;

    const Progress& progress() const override { return board_.progress; }
    const config::Settings& settings() const override { return board_.settings; }
    void pause() override {
        board_.gate.hold("operator", "paused by the operator (`pgwraith resume` lets it go on)");
        board_.progress.throttled = board_.gate.reason();
    }
    void resume() override {
        board_.gate.clear("operator");
        board_.progress.throttled = board_.gate.reason();
    }
    std::string request_cutover() override;
    std::string request_verify() override;
    void request_abort() override;
    void set(const std::string& key, const std::string& value) override;
    void reported() override;

  private:
    std::exception_ptr told(const std::exception_ptr& failure) const;
    std::string held() const;  // by a pause or the throttle, to be read on; empty when not
    Task<void> supervise();
    Task<void> one_attempt();
    Task<Identity> take_over(postgres::Connection& connection, Identity identity);
    Task<void> keep_settings(Identity identity);
    Task<Identity> begin(postgres::Connection& connection, Oid oid);
    Task<std::vector<std::string>> finish(Identity identity);
    Task<void> finish_or_say_what_is_done(Identity identity);
    Task<void> drop_everything();
    Task<bool> swap_happened();
    Task<std::optional<Xid>> swap_begun();  // whether it ended is another question
    Task<void> before_the_next(std::exception_ptr failure);
    Task<void> look_for_slot();
    Task<std::unique_ptr<postgres::Connection>> first_connection();
    Task<bool> done_before(postgres::Connection& connection, Oid oid);

    asio::any_io_executor executor_;
    Board board_;
    postgres::Sessions sessions_;
    std::unique_ptr<store::Store> store_;
    TaskGroup* attempt_group_ = nullptr;
    bool connected_once_ = false;
    bool finished_ = false;        // swapped, and everything cleared up
    bool nothing_copied_ = false;  // the state directory is this migration's, and it has not come beyond preparing
    Retry retry_;
};

std::unique_ptr<Migration> Migration::create(asio::any_io_executor executor, config::Settings settings) {
    return std::make_unique<Run>(executor, std::move(settings));
}

std::string Run::held() const {
    const auto reason = board_.gate.reason();
    return reason ? ", waiting: " + *reason : "";
}

std::string Run::request_cutover() {
    board_.cutover_requested = true;
    board_.requests.notify_all();
    if (board_.progress.phase == Phase::ready) return "the cutover begins now";
    return fmt::format("the cutover will begin as soon as the migration is ready (it is in phase {}{})",
                       phase_name(board_.progress.phase), held());
}

std::string Run::request_verify() {
    if (board_.verify_requested) return "it is being verified already";
    bool waits = board_.settings.cutover.mode == config::CutoverMode::manual && !board_.cutover_requested;
    if (board_.progress.phase != Phase::ready || !waits) {
        throw Error(
            ErrorKind::stopped,
            fmt::format("verification can be had again only while a manual cutover waits; the migration is in "
                        "phase {}{}",
                        phase_name(board_.progress.phase), waits ? "" : " and goes on to the cutover by itself"),
            "With `cutover.mode: manual`, wait until `pgwraith status` says ready.");
    }
    board_.verify_requested = true;
    board_.requests.notify_all();
    return fmt::format("verifying {} again, from the start{}", board_.settings.table.sql(), held());
}

void Run::request_abort() {
    board_.abort_requested = true;
    if (attempt_group_ != nullptr) attempt_group_->cancel();
    board_.requests.notify_all();
}

void Run::set(const std::string& key, const std::string& value) {
    config::apply_setting(board_.settings, key, value);
    board_.requests.notify_all();
}

Task<void> Run::run() {
    // As in the children of a TaskGroup: join() must be reached.
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        co_await supervise();
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    if (is_cancellation(failure) && !store_) throw Error(ErrorKind::stopped, "stopped on request; nothing had begun");
    if (is_cancellation(failure)) throw stopped_by_request(board_.progress.phase == Phase::done, board_.progress.slot);
    std::rethrow_exception(told(failure));
}

std::exception_ptr Run::told(const std::exception_ptr& failure) const {
    const bool swapped = board_.progress.phase == Phase::done;
    std::string doing = swapped ? "after the swap" : std::string("in phase ") + phase_name(board_.progress.phase);
    if (!swapped && !board_.progress.activity.empty()) doing += " (" + board_.progress.activity + ")";
    std::string state = "Nothing was changed.";
    if (swapped) {
        state = "The table has its new shape. The same command goes on with what is left to be cleared up.";
    } else if (store_) {
        state =
            "The live table is as it was, and the state is kept: mend the cause, then the same command carries on. "
            "`pgwraith abort` drops everything.";
    }
    return in_context(failure, doing, state);
}

Task<void> Run::supervise() {
    // Not until the phase is done: a connection lost after the swap leaves the clearing up to another attempt.
    while (!finished_) {
        std::exception_ptr failure;
        TaskGroup group(executor_);
        attempt_group_ = &group;
        if (board_.abort_requested) group.cancel();
        group.spawn(one_attempt());
        try {
            co_await group.join();
        } catch (...) {
            failure = std::current_exception();
        }
        attempt_group_ = nullptr;
        if (board_.abort_requested && board_.progress.phase != Phase::done && !co_await swap_happened()) {
            co_await drop_everything();
            throw Error(ErrorKind::aborted,
                        fmt::format("aborted: everything that was made for {} is gone, the table is as it was",
                                    board_.settings.table.sql()));
        }
        if (std::exchange(board_.abort_requested, false)) {
            spdlog::warn("the abort comes too late: the table has its new shape. What is left is cleared up");
        }
        if (!failure) continue;
        // Found while preparing: nothing of it stays.
        if (is_refusal(failure) && board_.progress.phase == Phase::prepare && nothing_copied_)
            co_await drop_everything();
        const auto why = transient_failure(failure);
        const bool store_failed = is_store_failure(failure);
        if (!why || (store_failed && !store_)) std::rethrow_exception(failure);
        if (!connected_once_ && !store_) {
            throw Error(ErrorKind::refused, *why, "Nothing was changed. Check `connection`.");
        }
        co_await before_the_next(failure);
    }
}

// A store that failed is opened again before anything is built on it; that too may have to wait.
Task<void> Run::before_the_next(std::exception_ptr failure) {
    std::string why = *transient_failure(failure);
    bool store_failed = is_store_failure(failure);
    const bool outage = !is_no_outage(failure);
    if (is_connection_limit(failure) && use_fewer_workers(board_.settings)) why += "; fewer workers from now on";
    if (store_ && !store_failed) co_await look_for_slot();
    for (;;) {
        co_await retry_.wait(why, outage || store_failed);
        if (!store_failed || !store_) co_return;
        store_failed = false;
        try {
            co_await store_->try_resume();
        } catch (const store::StoreUnavailable& error) {
            why = error.message();
            store_failed = true;
        }
        if (!store_failed) co_return;
    }
}

Task<void> Run::look_for_slot() {
    const State state(store_->journal());
    const auto phase = co_await state.phase();
    const bool made = co_await state.slot_made();
    board_.progress.slot = made && phase != Phase::done;
}

namespace {

Task<void> open_into(const postgres::Sessions& sessions, std::unique_ptr<postgres::Connection>& connection) {
    connection = co_await sessions.open("migration");
}

}  // namespace

// A server that does not answer at all must not make giving up take longer than was asked for.
Task<std::unique_ptr<postgres::Connection>> Run::first_connection() {
    sessions_.begin_anew();
    std::unique_ptr<postgres::Connection> connection;
    if (const auto left = retry_.left()) {
        const bool in_time = co_await within(std::max(*left, milliseconds{500}), open_into(sessions_, connection));
        if (!in_time) throw postgres::PgError("", "the server does not answer");
    } else {
        co_await open_into(sessions_, connection);
    }
    connected_once_ = true;
    retry_.connected();
    co_return connection;
}

Task<void> Run::one_attempt() {
    auto& settings = board_.settings;
    if (!store_ && store::Store::exists(settings.state_dir)) {
        store_ = co_await store::Store::open(settings.state_dir, false);
        const auto begun = co_await swap_begun();
        retry_.undecided(begun);
    }
    std::optional<Identity> identity;
    if (store_) identity = co_await State(store_->journal()).identity();
    const bool to_be_kept = identity && sessions_.kept().empty();
    if (to_be_kept) sessions_.keep(identity->settings);
    if (store_) co_await look_for_slot();
    auto connection = co_await first_connection();
    if (to_be_kept) co_await keep_settings(*identity);
    if (settings.table.schema.empty() && identity && identity->table.name == settings.table.name) {
        settings.table = identity->table;  // whatever the search_path is now
    }
    settings.table = co_await with_schema(sessions_, settings.table);

    Oid oid = 0;
    if (identity) {
        oid = identity->table_oid;
    } else {
        oid = co_await find_live_table(*connection, settings.table);
        if (!store_ && co_await done_before(*connection, oid)) co_return;
    }
    // Our own session of an attempt that lost its connection may linger: then patience, instead of giving up.
    auto patience = std::min(milliseconds{60'000}, retry_.left().value_or(milliseconds{0}));
    patience = std::max(patience, milliseconds{1'000});
    auto owner = co_await Owner::acquire(sessions_, oid, patience);
    if (identity) {
        identity = co_await take_over(*connection, *identity);
    } else if (co_await find_live_table(*connection, settings.table) != oid) {
        // It was another migration that held the lock, and it has swapped the table since we looked.
        throw Error(ErrorKind::refused,
                    fmt::format("{} was replaced by another migration just now", settings.table.sql()),
                    "Nothing was changed. Look at the table as it is now, then run again if this is still wanted.");
    } else {
        identity = co_await begin(*connection, oid);
    }

    connection->close();  // sessions may be few
    auto phase = co_await State(store_->journal()).phase();
    if (phase == Phase::prepare) nothing_copied_ = true;
    if (phase != Phase::done) {
        Attempt attempt(executor_, board_, *store_, sessions_, *identity);
        TaskGroup group(executor_);
        MigrationNames names(identity->database, identity->table_oid);
        QualifiedName shadow{names.new_schema, identity->table.name};
        group.spawn(owner->watch(identity->table_oid, shadow, board_.progress));
        std::exception_ptr failure;
        try {
            co_await attempt.run();
        } catch (...) {
            failure = std::current_exception();
        }
        retry_.undecided(attempt.commit_unanswered());
        if (attempt.made_progress()) retry_.start_afresh();
        group.cancel();
        try {
            co_await group.join();
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
        if (failure) std::rethrow_exception(failure);
    }
    phase = co_await State(store_->journal()).phase();
    if (phase != Phase::done) co_return;
    board_.progress.phase = Phase::done;
    co_await finish_or_say_what_is_done(*identity);
}

// Those of the beginning, in all sessions, whatever ALTER DATABASE and ALTER ROLE say meanwhile.
Task<void> Run::keep_settings(Identity identity) {
    const postgres::Sessions natural(board_.settings.connection);
    auto connection = co_await natural.open_for_rows("settings");
    auto kept = identity.settings;
    co_await note_changed_settings(*connection, identity, kept);
    sessions_.keep(std::move(kept));
}

// A fresh start: nothing of an earlier migration may be there, and nothing may speak against it.
Task<Identity> Run::begin(postgres::Connection& connection, Oid oid) {
    const auto& settings = board_.settings;
    auto made = co_await find_objects(connection, settings.table);
    if (!made.empty()) {
        std::string found;
        for (const auto& line : made.front().describe()) found += "\n  - " + line;
        throw Error(
            ErrorKind::refused,
            fmt::format("an earlier migration of {} is not finished, and its state directory is not here ({}):{}",
                        settings.table.sql(), settings.state_dir.string(), found),
            "Run with the `state_dir` that it had, or drop everything of it with `pgwraith abort`.");
    }
    auto survey = co_await migration::survey(connection, oid, replication_rules(settings));
    co_await check_connections(connection, settings, survey);
    auto for_rows = co_await sessions_.open_for_rows("settings");
    const auto of_rows = co_await survey_rows_session(*for_rows);
    for_rows->close();
    survey.refusals.insert(survey.refusals.end(), of_rows.refusals.begin(), of_rows.refusals.end());
    if (!survey.refusals.empty()) throw refusal(settings.table, survey.refusals);
    for (const auto& warning : survey.warnings) spdlog::warn("{}", warning);
    // Syntax errors and refused statements too are found before anything exists.
    auto identity = co_await make_identity(connection, settings, oid);
    for (const auto& setting : of_rows.settings) identity.settings[setting.name] = setting.value;
    MigrationNames names(identity.database, oid);
    plan::parse_user_sql(as_read_by_the_role(settings, identity.settings).sql, settings.table, names.new_schema);

    // A process that died early may have left a store that knows of no migration yet; it is open already then.
    if (!store_) store_ = co_await store::Store::open(settings.state_dir, true);
    co_await State(store_->journal()).set_identity(identity);
    store::Store::remove_record(settings.state_dir);
    sessions_.keep(identity.settings);
    fault_point("begin.identity");
    co_return identity;
}

// Carrying on: the settings and the server must be those of the migration that the state directory knows.
Task<Identity> Run::take_over(postgres::Connection& connection, Identity identity) {
    require_same_settings(board_.settings, identity);
    auto past = co_await known_past(*store_);
    co_await require_same_server(connection, board_.settings, identity, past);
    auto xid = co_await State(store_->journal()).cutover_xid();
    auto phase = co_await State(store_->journal()).phase();
    if (phase == Phase::cutover) board_.cutover_requested = true;
    if (phase != Phase::done && xid) {
        const bool happened = co_await swap_happened();
        retry_.undecided(std::nullopt);
        if (happened) {
            spdlog::info("the cutover had committed");
            co_await State(store_->journal()).set_phase(Phase::done);
            co_return identity;
        }
        co_await State(store_->journal()).forget_cutover();
    }
    if (phase == Phase::done) co_return identity;
    auto oid = co_await catalog::find_relation(connection, identity.table);
    if (oid != identity.table_oid) {
        throw Error(
            ErrorKind::stopped,
            fmt::format("{} is no longer the table that was being migrated: it was dropped, renamed or made anew",
                        identity.table.sql()),
            "Undo that, or `pgwraith abort` and start anew.");
    }
    spdlog::info("carrying on an earlier migration, in phase {}", phase_name(phase));
    co_return identity;
}

// An earlier run has done it, and was killed before it could say so, or is started again with its container.
Task<bool> Run::done_before(postgres::Connection& connection, Oid oid) {
    auto when = co_await done_already(connection, board_.settings, oid);
    if (!when) co_return false;
    spdlog::info("{} has its new shape since {}, says {}; remove that file to have it done again",
                 board_.settings.table.sql(), *when, (board_.settings.state_dir / "done.json").string());
    // It may have been killed before all of the store was removed.
    co_await store::Store::destroy(board_.settings.state_dir);
    board_.progress.already_done = *when;
    board_.progress.phase = Phase::done;
    finished_ = true;
    co_return true;
}

void Run::reported() {
    if (!remembered_for_good(board_.settings)) store::Store::remove_record(board_.settings.state_dir);
}

// Whoever reads that something failed must not think that it can be undone.
Task<void> Run::finish_or_say_what_is_done(Identity identity) {
    std::optional<postgres::PgError> refused;
    std::optional<Error> failed;
    std::vector<std::string> waiting;
    try {
        waiting = co_await finish(identity);
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        refused = error;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::stopped) throw;
        failed = error;
    }
    if (!waiting.empty()) throw unfinished(identity.table, waiting);
    if (!refused && !failed) co_return;
    std::string why;
    std::string remedy;
    if (refused) {
        auto connection = co_await sessions_.open("event triggers");
        const auto triggers = co_await catalog::read_event_triggers(*connection);
        why = catalog::message_with_origin(triggers, *refused);
        remedy = catalog::remedy_for(triggers, *refused, "Remove what forbids it.");
    } else {
        why = failed->message();
        remedy = failed->hint();
    }
    Error done(ErrorKind::stopped,
               fmt::format("the swap is done, {} has its new shape, but clearing up after it failed: {}",
                           identity.table.sql(), why),
               remedy + " Then run the same command again, which only clears up. Nothing of the swap can be undone.");
    throw done;
}

// After the swap: what the migration made besides the new table goes, the old table as configured. Returns what could
// not be done because of others' locks; then the rest is left for the next time.
Task<std::vector<std::string>> Run::finish(Identity identity) {
    auto connection = co_await sessions_.open_for_rows("finish");
    MigrationNames names(identity.database, identity.table_oid);
    QualifiedName old{names.old_schema, identity.table.name};
    auto statements = co_await State(store_->journal()).after_commit();
    const auto blueprint = co_await State(store_->journal()).blueprint();
    for (const auto& check : blueprint.untouched_checks) {
        if (!check.set_aside) continue;
        spdlog::warn(
            "CHECK {0} of {1} is NOT VALID on the new table, because rows do not meet it any more; when they do: "
            "ALTER TABLE {1} VALIDATE CONSTRAINT {0}",
            quote_identifier(check.name), identity.table.sql());
    }
    // First of all the slot: what follows may have to wait for others, and the slot keeps WAL.
    auto made = co_await find_objects(*connection, identity.table, identity.table_oid);
    co_await drop_objects(*connection, made);
    board_.progress.slot = false;
    const auto left = co_await run_after_commit(*connection, board_, statements);
    board_.progress.undone = left.failed;
    if (!left.waiting.empty()) co_return left.waiting;
    if (board_.settings.old_table == config::OldTable::drop) {
        co_await drop_old_table(*connection, old);
    } else {
        board_.progress.old_table = old.sql();
        auto now = co_await catalog::find_relation(*connection, identity.table);
        if (now) co_await let_dump(*connection, *now, old, false);
    }
    fault_point("finish.dropped");
    auto record = co_await done_record(*connection, identity);
    co_await store::Store::leave_record(board_.settings.state_dir, record);
    fault_point("finish.recorded");
    co_await store::Store::destroy(store_);
    fault_point("finish.destroyed");
    finished_ = true;
    board_.progress.phase = Phase::done;
    co_return left.waiting;
}

Task<std::optional<Xid>> Run::swap_begun() {
    const State state(store_->journal());
    const auto phase = co_await state.phase();
    if (phase != Phase::cutover) co_return std::nullopt;
    co_return co_await state.cutover_xid();
}

// An abort may come while COMMIT is under way: then it comes too late.
Task<bool> Run::swap_happened() {
    if (!store_) co_return false;
    auto xid = co_await State(store_->journal()).cutover_xid();
    auto identity = co_await State(store_->journal()).identity();
    if (!xid || !identity) co_return false;
    MigrationNames names(identity->database, identity->table_oid);
    auto outcome = co_await cutover::find_outcome(sessions_, *xid, identity->table_oid, names.old_schema);
    co_return outcome == cutover::Outcome::committed;
}

Task<void> Run::drop_everything() {
    if (!store_) co_return;
    auto identity = co_await State(store_->journal()).identity();
    if (identity) {
        sessions_.begin_anew();
        auto connection = co_await sessions_.open("abort");
        auto made = co_await find_objects(*connection, identity->table, identity->table_oid);
        for (const auto& line : made.describe()) spdlog::info("dropping {}", line);
        co_await drop_objects(*connection, made);
    }
    co_await store::Store::destroy(store_);
}

}  // namespace pgwraith::migration
