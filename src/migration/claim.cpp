#include "claim.h"

#include <fmt/format.h>

#include "check_throttle.h"
#include "connections.h"
#include "done.h"
#include "ending.h"
#include "expansion.h"
#include "identity.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "rehearsal.h"
#include "survey.h"
#include "waiting.h"
#include "why_way.h"

namespace pgwraith::migration {

namespace {

Task<void> own(const postgres::Sessions& sessions, Oid table, milliseconds at_most,
               std::function<void(const std::string&)> waits, std::unique_ptr<Owner>& owner) {
    owner = co_await Owner::acquire(sessions, table, at_most, std::move(waits));
}

Task<void> open_for_rows(const postgres::Sessions& sessions, std::unique_ptr<postgres::Connection>& connection) {
    connection = co_await sessions.open_for_rows("migration");
}

Error nothing_expanded(const config::Settings& settings) {
    return Error(ErrorKind::refused,
                 fmt::format("{} holds no expansion of {}", settings.state_dir.string(), settings.table.sql()),
                 "Nothing was changed. `pgwraith run` expands first; `state_dir` must be the one that it had.");
}

}  // namespace

Task<std::optional<Claimed>> Claim::take() {
    auto& settings = board_.settings;
    auto identity = co_await open_store();
    auto connection = co_await connect(identity);
    settings.table = co_await with_schema(sessions_, settings.table);

    Oid oid = 0;
    if (identity) {
        oid = identity->table_oid;
    } else {
        oid = co_await find_live_table(*connection, settings.table);
        const bool done = co_await done_before(*connection, oid);
        if (done) co_return std::nullopt;
        if (board_.contracts()) throw nothing_expanded(settings);
    }
    // Our own session of an attempt that lost its connection may linger: then patience, instead of giving up.
    auto patience = std::min(milliseconds{60'000}, retry_.left().value_or(milliseconds{0}));
    patience = std::max(patience, milliseconds{1'000});
    Claimed claimed;
    auto say = [this](const std::string& who) {
        board_.progress.activity = {"waiting for another session to let go of the migration: " + who, Waits::others};
    };
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(own(sessions_, oid, patience, std::move(say), claimed.owner));
    if (!identity) group.spawn(open_for_rows(sessions_, claimed.session));
    co_await group.join();
    // Not before the attempt has come to its phase does it do what that says.
    board_.progress.activity = {"looking at the table"};
    if (identity) board_.progress.activity = {"carrying on", Waits::server};
    if (identity) {
        claimed.identity = co_await take_over(*connection, *identity);
    } else if (co_await find_live_table(*connection, settings.table) != oid) {
        // It was another migration that held the lock, and it has swapped the table since we looked.
        throw Error(ErrorKind::refused,
                    fmt::format("{} was replaced by another migration just now", settings.table.sql()),
                    "Nothing was changed. Look at the table as it is now, then run again if this is still wanted.");
    } else {
        co_await begin(*connection, oid, claimed);
    }
    connection->close();  // sessions may be few
    co_return std::move(claimed);
}

// The identity of the migration that is there, if any.
Task<std::optional<Identity>> Claim::open_store() {
    const auto& directory = board_.settings.state_dir;
    if (!store_ && store::Store::exists(directory)) {
        store_ = co_await store::Store::open(directory, false);
        const auto begun = co_await swap_begun();
        retry_.undecided(begun);
    }
    if (!store_) co_return std::nullopt;
    co_await look_for_slot();
    co_await recall_waiting(board_, *store_);
    auto identity = co_await State(store_->journal()).identity();
    if (identity) co_await recall(*identity);
    co_return identity;
}

// What is asked, and what ends it, before the server has answered must not be told of another migration, or of another
// phase. (A later attempt of a process knows better where it was. Contracting begins with preparing.)
Task<void> Claim::recall(Identity identity) {
    if (!connected_once_) board_.rehearsed.interrupted = true;
    board_.progress.direct = identity.direct();
    board_.progress.expands = identity.expands();
    const auto recorded = co_await State(store_->journal()).phase();
    const bool begins = board_.contracts() && recorded == Phase::expanded;
    if (board_.progress.phase == Phase::prepare && !begins) board_.progress.phase = recorded;
    if (recorded == Phase::done) board_.progress.phase = Phase::done;
}

Task<std::unique_ptr<postgres::Connection>> Claim::connect(std::optional<Identity> identity) {
    auto& settings = board_.settings;
    const bool to_be_kept = identity && sessions_.kept().empty();
    if (to_be_kept) sessions_.keep(identity->settings);
    auto connection = co_await first_connection();
    if (to_be_kept) co_await keep_settings(*identity);
    if (settings.table.schema.empty() && identity && identity->table.name == settings.table.name) {
        settings.table = identity->table;  // whatever the search_path is now
    }
    co_return connection;
}

Task<void> Claim::look_for_slot() {
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
Task<std::unique_ptr<postgres::Connection>> Claim::first_connection() {
    sessions_.begin_anew();
    board_.progress.activity = {"connecting to the server", Waits::server};
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

// Those of the beginning, in all sessions, whatever ALTER DATABASE and ALTER ROLE say meanwhile.
Task<void> Claim::keep_settings(Identity identity) {
    const postgres::Sessions natural(board_.settings.connection);
    auto connection = co_await natural.open_for_rows("settings");
    auto kept = identity.settings;
    co_await note_changed_settings(*connection, identity, kept);
    sessions_.keep(std::move(kept));
}

// Syntax errors and refused statements too are found before anything exists.
Task<ChosenWay> Claim::choose(postgres::Connection& for_rows, Identity identity, catalog::Table live) {
    const auto as_read = as_read_by_the_role(board_.settings, identity.settings);
    auto chosen = co_await choose_way(for_rows, as_read, live);
    spdlog::info("the way of the change: {}; {}", plan::way_name(chosen.way), chosen.why);
    for (const auto& one : chosen.left_out) {
        if (chosen.direct()) spdlog::info("sql, line {}: {} is left out: {}", one.line, one.text, one.why);
    }
    co_return chosen;
}

// As `plan` does; the steps are made anew from it.
Task<void> Claim::look_at_expansion(postgres::Connection& for_rows, Identity identity, Survey& survey) {
    if (!survey.refusals.empty()) co_return;
    const auto plan = co_await plan_expansion(for_rows, board_.settings, identity, survey.table);
    survey.refusals.insert(survey.refusals.end(), plan.refusals.begin(), plan.refusals.end());
}

Task<void> Claim::refuse_unfinished(postgres::Connection& connection) {
    const auto& settings = board_.settings;
    auto made = co_await find_objects(connection, settings.table);
    if (made.empty()) co_return;
    std::string found;
    for (const auto& line : made.front().describe()) found += "\n  - " + line;
    throw Error(ErrorKind::refused,
                fmt::format("an earlier migration of {} is not finished, and its state directory is not here ({}):{}",
                            settings.table.sql(), settings.state_dir.string(), found),
                "Run with the `state_dir` that it had, or drop everything of it with `pgwraith abort`.");
}

// Why a migration cannot begin, if it cannot; otherwise what it is.
Task<void> Claim::look(postgres::Connection& connection, Oid oid, Claimed& claimed) {
    const auto& settings = board_.settings;
    auto& for_rows = *claimed.session;
    auto of_rows = co_await survey_rows_session(for_rows);
    const auto of_throttle = co_await check_throttle(for_rows, settings);
    of_rows.refusals.insert(of_rows.refusals.end(), of_throttle.begin(), of_throttle.end());
    const auto of_hooks = check_hooks(settings);
    of_rows.refusals.insert(of_rows.refusals.end(), of_hooks.begin(), of_hooks.end());
    claimed.identity = co_await make_identity(connection, settings, oid);
    auto& identity = claimed.identity;
    identity.rehearsal = board_.rehearses();
    for (const auto& setting : of_rows.settings) identity.settings[setting.name] = setting.value;
    auto survey = co_await survey_table(connection, oid);
    co_await online::refuse_expanded(connection, oid);
    ChosenWay chosen;
    bool direct = identity.expands();
    if (direct) {
        co_await look_at_expansion(for_rows, identity, survey);
    } else if (survey.refusals.empty()) {
        chosen = co_await choose(for_rows, identity, survey.table);
        direct = chosen.direct();
    }
    if (direct) {
        claimed.session.reset();
        identity.way = "direct";
    } else {
        survey = co_await migration::survey(connection, std::move(survey), settings);
        co_await check_connections(connection, settings, survey);
        if (!survey.refusals.empty()) add_why_shadow(settings, chosen, survey.refusals);
    }
    survey.refusals.insert(survey.refusals.end(), of_rows.refusals.begin(), of_rows.refusals.end());
    if (!survey.refusals.empty()) throw refusal(settings.table, survey.refusals);
    for (const auto& warning : survey.warnings) spdlog::warn("{}", warning);
    if (survey.key && !survey.key->why.empty()) {
        spdlog::info("rows are followed by index {}: {}", quote_identifier(survey.key->index), survey.key->why);
    }
}

namespace {

// What goes wrong is told by whoever needs the store.
Task<void> make_store(std::filesystem::path directory, std::unique_ptr<store::Store>& store,
                      std::exception_ptr& failure) {
    try {
        store = co_await store::Store::open(std::move(directory), true);
    } catch (...) {
        failure = std::current_exception();
    }
}

}  // namespace

// A store consists of files that are synced one after the other: it is made while the table is looked at. When that
// ends in a refusal nothing of it stays.
Task<void> Claim::look_and_make_store(postgres::Connection& connection, Oid oid, Claimed& claimed) {
    std::unique_ptr<store::Store> made;
    std::exception_ptr not_made;
    TaskGroup making(co_await asio::this_coro::executor);
    // A process that died early may have left a store that knows of no migration yet; it is open already then.
    if (!store_) making.spawn(make_store(board_.settings.state_dir, made, not_made));
    std::exception_ptr failure;
    try {
        co_await look(connection, oid, claimed);
    } catch (...) {
        failure = std::current_exception();
    }
    try {
        co_await making.join();
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    if (!failure) failure = not_made;
    if (failure && made) co_await store::Store::destroy(made);
    if (failure) std::rethrow_exception(failure);
    if (made) store_ = std::move(made);
}

// A fresh start: nothing of an earlier migration may be there, and nothing may speak against it.
Task<void> Claim::begin(postgres::Connection& connection, Oid oid, Claimed& claimed) {
    co_await refuse_unfinished(connection);
    co_await look_and_make_store(connection, oid, claimed);
    const auto& identity = claimed.identity;
    board_.progress.direct = identity.direct();
    board_.progress.expands = identity.expands();
    co_await State(store_->journal()).set_identity(identity);
    // What was done before a rehearsal is done after it.
    if (!identity.rehearsal) forget_done(board_.settings);
    sessions_.keep(identity.settings);
    fault_point("begin.identity");
}

// Carrying on: the settings and the server must be those of the migration that the state directory knows.
Task<Identity> Claim::take_over(postgres::Connection& connection, Identity identity) {
    auto phase = co_await State(store_->journal()).phase();
    require_same_purpose(board_, identity, phase);
    require_same_settings(board_.settings, identity);
    auto past = co_await known_past(*store_);
    co_await require_same_server(connection, board_.settings, identity, past);
    auto xid = co_await State(store_->journal()).cutover_xid();
    if (phase == Phase::cutover) board_.cutover_requested = true;
    if (phase != Phase::done && xid) {
        const bool happened = co_await swap_happened(sessions_, *store_);
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
    for (const auto& missing : check_hooks(board_.settings)) spdlog::warn("{}", missing.reason);
    const char* what = identity.rehearsal ? "rehearsal" : "migration";
    spdlog::info("carrying on an earlier {}, in phase {}", what, phase_name(phase));
    co_return identity;
}

// An earlier run has done it, and was killed before it could say so, or is started again with its container.
Task<bool> Claim::done_before(postgres::Connection& connection, Oid oid) {
    auto when = co_await done_already(connection, board_.settings, oid);
    if (!when) co_return false;
    spdlog::info("{} has its new shape since {}, says {}; remove that file to have it done again",
                 board_.settings.table.sql(), *when, (board_.settings.state_dir / "done.json").string());
    // It may have been killed before all of the store was removed; or another migration was, before its store knew it.
    if (store_) {
        co_await store::Store::destroy(store_);
    } else {
        co_await store::Store::destroy(board_.settings.state_dir);
    }
    board_.progress.already_done = *when;
    board_.progress.phase = Phase::done;
    co_return true;
}

Task<std::optional<Xid>> Claim::swap_begun() {
    const State state(store_->journal());
    const auto phase = co_await state.phase();
    if (phase != Phase::cutover) co_return std::nullopt;
    co_return co_await state.cutover_xid();
}

}  // namespace pgwraith::migration
