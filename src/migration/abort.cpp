// `pgwraith abort` of a migration whose process is gone.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "context.h"
#include "direct.h"
#include "done.h"
#include "ending.h"
#include "expansion.h"
#include "identity.h"
#include "objects.h"
#include "owner.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/store/state_dir.h"
#include "pgwraith/store/store.h"
#include "survey.h"
#include "unfinished.h"

namespace pgwraith::migration {

namespace {

// What the state directory says, as far as it can be read.
struct Recorded {
    std::optional<Identity> identity;
    std::optional<Xid> swap;
    std::vector<std::string> after_swap;
    std::optional<BorrowedIdentity> borrowed;
    Phase phase = Phase::prepare;
    std::vector<std::string> steps;  // of a migration without a shadow: those that were begun
};

std::vector<std::string> begun_steps(const online::StepList& list, const online::StepStates& states) {
    std::vector<std::string> begun;
    for (std::size_t at = 0; at < std::min(list.steps.size(), states.states.size()); ++at) {
        const auto state = states.states[at].state;
        const auto& step = list.steps[at];
        const bool nothing = state == online::StepState::waiting || state == online::StepState::undone;
        if (nothing || step.kind == online::StepKind::check) continue;
        if (step.in_rehearsal != online::InRehearsal::made) continue;
        begun.push_back("step: " + step.what);
    }
    return begun;
}

Task<Recorded> read_state(std::filesystem::path directory) {
    Recorded recorded;
    try {
        const auto store = co_await store::Store::look_into(directory);
        if (!store) co_return recorded;
        const State state(store->journal());
        recorded.identity = co_await state.identity();
        recorded.swap = co_await state.cutover_xid();
        recorded.after_swap = co_await state.after_commit();
        recorded.borrowed = co_await state.borrowed_identity();
        recorded.phase = co_await state.phase();
        const auto list = co_await store->journal().get<online::StepList>();
        const auto states = co_await store->journal().get<online::StepStates>();
        if (list && states) recorded.steps = begun_steps(*list, *states);
    } catch (const Error& error) {
        spdlog::debug("{}", error.message());  // no obstacle: what is in the database says itself what it is
    }
    co_return recorded;
}

// Another migration's state is not ours to remove: it is all that can carry that one on.
Task<void> require_its_own(postgres::Connection& connection, const config::Settings& settings, Identity identity) {
    const auto here = co_await make_identity(connection, settings, identity.table_oid);
    const auto whose = another_migration(identity, here);
    if (whose.empty()) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("the state directory {} belongs to a migration {}", settings.state_dir.string(), whose),
                "Nothing was dropped. Check `table`, `connection` and `state_dir`. If that server is gone for good, "
                "remove the directory by hand.");
}

// The swap may have happened before the process died: then there is nothing to undo, but something left to do.
Task<void> look_for_swap(const postgres::Sessions& sessions, Recorded recorded, Aborted& aborted) {
    if (!recorded.swap || !recorded.identity) co_return;
    const auto& identity = *recorded.identity;
    const auto old = identity.old_table();
    auto outcome =
        co_await cutover::find_outcome(sessions, *recorded.swap, identity.table_oid, identity.table, old.schema);
    if (outcome != cutover::Outcome::committed) co_return;
    aborted.swapped = true;
    aborted.left = recorded.after_swap;
}

// Throws: the state is kept, so that the same command goes on.
Task<void> say_what_is_left(postgres::Connection& connection, config::Settings settings, bool swapped,
                            postgres::PgError error) {
    const auto triggers = co_await catalog::read_event_triggers(connection);
    std::string left;
    for (const auto& made : co_await find_objects(connection, settings.table)) {
        for (const auto& line : made.describe()) left += (left.empty() ? "" : ", ") + line;
    }
    const char* table = swapped ? "has been swapped and keeps its new shape" : "is as it was";
    const auto remedy = catalog::remedy_for(triggers, error, "Remove what forbids it.");
    throw Error(ErrorKind::stopped,
                fmt::format("{} {}, but not everything of the migration could be dropped: {}; left are: {}",
                            settings.table.sql(), table, catalog::message_with_origin(triggers, error), left),
                remedy + " Then run the same command again.");
}

// An abort drops no data: the old table, which the settings want dropped, is left to the operator.
Task<void> name_old_table(postgres::Connection& connection, config::Settings settings, Identity identity,
                          Aborted& aborted) {
    if (settings.old_table != config::OldTable::drop) co_return;
    const auto old = identity.old_table();
    if (co_await catalog::find_relation(connection, old)) aborted.left.push_back("DROP TABLE " + old.sql());
    const auto schema = quote_identifier(old.schema);
    const auto there = co_await connection.query("SELECT to_regnamespace($1) IS NOT NULL", postgres::params(schema));
    if (there.boolean(0, 0)) aborted.left.push_back("DROP SCHEMA " + schema);
}

// If somebody has dropped the schema that says what the replica identity was.
Task<void> look_for_identity(postgres::Connection& connection, Recorded recorded, std::vector<MadeObjects>& all) {
    const auto& identity = *recorded.identity;
    for (auto& made : all) {
        if (made.table == identity.table_oid && made.borrowed) co_return;
    }
    auto made = co_await find_objects(connection, identity.table, identity.table_oid, recorded.borrowed);
    std::erase_if(all, [&](const MadeObjects& other) { return other.table == identity.table_oid; });
    if (!made.empty()) all.push_back(std::move(made));
}

std::vector<std::string> made_in_words(const std::vector<MadeObjects>& all, const std::vector<std::string>& kept_here) {
    std::vector<std::string> lines;
    for (const auto& made : all) {
        for (auto& line : made.describe()) lines.push_back(std::move(line));
    }
    lines.insert(lines.end(), kept_here.begin(), kept_here.end());
    return lines;
}

using Announce = std::function<void(const std::vector<std::string>&)>;

// The steps are taken back, the last first. The store is opened as its owner: it records how far that came.
Task<void> take_steps_back(const postgres::Sessions& sessions, config::Settings settings, Identity identity,
                           Aborted& aborted) {
    auto store = co_await store::Store::open(settings.state_dir, false);
    Board board(co_await asio::this_coro::executor, settings);
    aborted.kept = co_await take_back(sessions, board, store, identity);
}

// The process that contracted may have died behind its COMMIT.
Task<bool> has_contracted(const postgres::Sessions& sessions, config::Settings settings) {
    const auto store = co_await store::Store::look_into(settings.state_dir);
    if (!store) co_return false;
    co_return co_await contracted(sessions, *store);
}

// A state that cannot be opened is no obstacle.
Task<void> note_abort_in(std::filesystem::path state_dir) {
    try {
        const auto store = co_await store::Store::open(state_dir, false);
        co_await note_abort(*store);
    } catch (const Error& error) {
        spdlog::debug("{}", error.message());
    }
}

Task<Aborted> find_and_drop(config::Settings settings, Announce announce) {
    postgres::Sessions sessions(settings.connection);
    auto connection = co_await sessions.open("abort");

    // Neither the state directory nor the table may have another owner.
    bool has_store = store::Store::exists(settings.state_dir);
    if (settings.table.schema.empty() && has_store) {
        // What the migration found then counts, whatever the search_path is now.
        const auto begun = co_await read_state(settings.state_dir);
        if (begun.identity && begun.identity->table.name == settings.table.name) settings.table = begun.identity->table;
    }
    settings.table = co_await with_schema(sessions, settings.table);
    auto all = co_await find_objects(*connection, settings.table);
    std::vector<std::unique_ptr<Owner>> owners;
    for (const auto& made : all) owners.push_back(co_await Owner::acquire(sessions, made.table, milliseconds{1'000}));
    Recorded recorded;
    if (has_store) recorded = co_await read_state(settings.state_dir);
    if (recorded.identity) co_await require_its_own(*connection, settings, *recorded.identity);

    if (recorded.identity && recorded.borrowed) co_await look_for_identity(*connection, recorded, all);

    Aborted aborted;
    std::vector<std::string> kept_here = recorded.steps;
    if (has_store) kept_here.push_back("state directory " + settings.state_dir.string());
    const bool direct = recorded.identity && recorded.identity->direct();
    if (direct) {
        owners.clear();
        owners.push_back(co_await Owner::acquire(sessions, recorded.identity->table_oid, milliseconds{1'000}));
    }
    // What was done before a rehearsal is none of its business.
    const bool rehearsal = recorded.identity && recorded.identity->rehearsal;
    const bool has_record = !rehearsal && done_since(settings).has_value();
    if (has_record) kept_here.push_back("record of a migration that is done, in " + settings.state_dir.string());
    const auto found = made_in_words(all, kept_here);
    if (found.empty()) {
        co_await refuse_begun_elsewhere(*connection, sessions, settings);
        co_return aborted;
    }
    aborted.swapped = has_record;
    co_await look_for_swap(sessions, recorded, aborted);
    if (direct && recorded.phase == Phase::done) aborted.swapped = true;
    if (direct && recorded.phase == Phase::contract) aborted.swapped = co_await has_contracted(sessions, settings);
    if (has_store || has_record) store::require_removable(settings.state_dir);
    announce(found);
    if (direct && !aborted.swapped) {
        co_await take_steps_back(sessions, settings, *recorded.identity, aborted);
        aborted.removed = found;
        co_return aborted;
    }
    if (has_store && recorded.identity && !aborted.swapped) co_await note_abort_in(settings.state_dir);
    std::optional<postgres::PgError> refused;
    try {
        for (auto& made : all) {
            const bool borrowed = made.identity_is_borrowed;
            made = co_await drop_objects(*connection, made, settings.cutover.lock_timeout);
            if (borrowed && !made.identity_is_borrowed) aborted.identity_stays = true;
        }
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        refused = error;
    }
    if (refused) co_await say_what_is_left(*connection, settings, aborted.swapped, *refused);
    if (aborted.swapped && recorded.identity)
        co_await name_old_table(*connection, settings, *recorded.identity, aborted);
    if (has_store) co_await store::Store::destroy(settings.state_dir);
    if (has_record) forget_done(settings);
    aborted.removed = made_in_words(all, kept_here);
    co_return aborted;
}

// A process that aborts itself tells it by itself, and leaves nothing to be found here.
Task<void> tell_aborted(config::Settings settings) {
    hooks::Hooks hooks(co_await asio::this_coro::executor, settings, [&] { return hook_facts(Progress(), settings); });
    hooks.tell(hooks::Moment::aborted);
    co_await hooks.all_told();
}

}  // namespace

Task<Aborted> abort_migration(config::Settings settings, Announce announce) {
    std::exception_ptr failure;
    Aborted aborted;
    try {
        aborted = co_await find_and_drop(settings, std::move(announce));
        if (!aborted.removed.empty()) co_await tell_aborted(settings);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        const char* left = "Objects that are not dropped yet stay as they are: run the same command again.";
        std::rethrow_exception(in_context(failure, "the abort did not finish", left, left));
    }
    co_return aborted;
}

}  // namespace pgwraith::migration
