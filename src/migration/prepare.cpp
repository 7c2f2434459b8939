#include "prepare.h"

#include <fmt/format.h>

#include "dumpers.h"
#include "identity.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/capture/publication.h"
#include "pgwraith/capture/slot.h"
#include "survey.h"
#include "trial.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;

Task<void> drop_leftovers(Connection& connection, AttemptContext context) {
    auto made = co_await objects_of(connection, context.store, context.identity);
    if (made.empty()) co_return;
    spdlog::info("an earlier preparation was interrupted; its objects are made again");
    co_await drop_objects(connection, made, context.board.settings.cutover.lock_timeout);
    co_await State(context.store.journal()).forget_borrowed_identity();
}

// What is recorded before anything of it is done.
std::optional<BorrowedIdentity> to_be_borrowed(const catalog::Table& live, const catalog::Key& key) {
    if (!key.borrows_identity) return std::nullopt;
    return BorrowedIdentity{live.identity(), key.identity(), false};
}

void say(const Trial& trial) {
    for (const auto& warning : trial.warnings) spdlog::warn("{}", warning);
    for (const auto& sequence : trial.blueprint.sequences) {
        spdlog::info("in the swap: ALTER SEQUENCE {} {}", sequence.name.sql(), sequence.options);
    }
    for (const auto& left_out : trial.sql.left_out) {
        spdlog::info("sql, line {}: {} is left out: {}", left_out.line, left_out.text, left_out.why);
    }
}

// Some time may have passed since it was asked.
Task<void> check_borrowed(Connection& connection, QualifiedName table, catalog::Table live, catalog::Key key) {
    const auto report = co_await catalog::check_borrowed_identity(connection, live, key);
    if (!report.refusals.empty()) throw refusal(table, report.refusals);
}

// The empty shadow, with the definition that the live table had at that moment.
Task<void> make_shadow(Connection& connection, AttemptContext context) {
    const auto& identity = context.identity;
    const auto settings = as_read_by_the_role(context.board.settings, identity.settings);
    std::exception_ptr failure;
    const auto event_triggers = co_await catalog::read_event_triggers(connection);
    co_await connection.script("BEGIN");
    try {
        auto live = co_await catalog::read_table(connection, identity.table_oid);
        auto key = co_await catalog::choose_key(connection, live, key_wish(settings));
        const auto borrowed = to_be_borrowed(live, key);
        if (borrowed) co_await check_borrowed(connection, identity.table, live, key);
        auto comment = schema_marker(identity.table);
        if (borrowed) comment += identity_note(*borrowed);
        TrialInput input{settings, identity.names(), live, key, comment, event_triggers};
        const auto trial = co_await try_shadow(connection, std::move(input));
        say(trial);
        if (!trial.refusals.empty()) throw refusal(identity.table, trial.refusals);
        co_await let_dump(connection, identity.table_oid, identity.shadow_table(), true);
        auto definition = co_await catalog::read_definition(connection, identity.table_oid);
        // As it is from then on: what we do ourselves is no drift, and what others do until then is.
        if (borrowed) definition = co_await catalog::with_identity(connection, definition, key.index_oid);
        State state(context.store.journal());
        co_await state.set_definition(definition);
        co_await state.set_blueprint(trial.blueprint);
        co_await state.forget_borrowed_identity();
        if (borrowed) co_await state.set_borrowed_identity(*borrowed);
        fault_point("prepare.before_shadow");
        co_await connection.script("COMMIT");
        fault_point("prepare.shadow");
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    if (!is_cancellation(failure)) co_await postgres::rollback_quietly(connection);
    rethrow_as_refusal(failure, event_triggers);
}

// Before there is a publication: with it the server refuses writes of rows that nothing identifies.
Task<void> identify_rows(Connection& connection, AttemptContext context) {
    auto& board = context.board;
    const auto& identity = context.identity;
    State state(context.store.journal());
    auto borrowed = co_await state.borrowed_identity();
    if (!borrowed) co_return;
    board.progress.activity = {"making index " + borrowed->meanwhile.index + " the replica identity for a while"};
    const auto say = [&board](Activity activity) {
        spdlog::warn("{}", activity.text);
        board.progress.activity = std::move(activity);
    };
    const auto lock_timeout = [&board] { return board.settings.cutover.lock_timeout; };  // `pgwraith set` changes it
    const Record record{identity.names().new_schema, schema_marker(identity.table)};
    const auto waited =
        co_await borrow_identity(connection, identity.table_oid, identity.table, *borrowed, record, lock_timeout, say);
    borrowed->was_set = true;
    co_await state.set_borrowed_identity(*borrowed);
    board.progress.activity = {};
    co_await note_waiting(board, context.store, waited.ms, "the replica identity");
    spdlog::info("the replica identity of {} is {}; others waited {:.1f} ms at most", identity.table.sql(),
                 borrowed->in_words(), waited.ms);
}

// Publication and slot; from here on what changes is known.
Task<capture::NewSlot> begin_to_follow(Connection& connection, AttemptContext context) {
    const auto& identity = context.identity;
    auto& store = context.store;
    const auto names = identity.names();
    if (!broken_on_purpose("identity_late")) co_await identify_rows(connection, context);
    fault_point("prepare.identity");
    auto live = co_await catalog::read_table(connection, identity.table_oid);
    auto key = co_await catalog::choose_key(connection, live, key_wish(context.board.settings));
    State state(store.journal());
    const auto blueprint = co_await state.blueprint();
    if (!broken_on_purpose("identity_late")) require_same_key(identity.table, key, blueprint.mapping);
    co_await capture::create_publication(connection, names.publication, live, key);
    fault_point("prepare.publication");
    if (broken_on_purpose("identity_late")) co_await identify_rows(connection, context);
    const auto say = [&board = context.board](Activity activity) { board.progress.activity = std::move(activity); };
    auto slot = co_await capture::create_slot(context.sessions, connection, say, names.slot, names.publication);
    context.board.progress.activity = {};
    fault_point("prepare.slot");
    const capture::SlotStart recorded{slot.start};
    co_await store.journal().put(recorded);
    co_await store.ledger().add(std::span<const store::LedgerEntry>(), slot.start);
    co_await store.ledger().sync();
    auto start = co_await begin_copy(connection, identity.table_oid);
    co_await state.set_copy_start(start);
    fault_point("prepare.copy_start");
    co_await state.set_phase(Phase::copy);
    co_return slot;
}

}  // namespace

void require_same_key(const QualifiedName& table, const catalog::Key& key, const plan::Mapping& mapping) {
    const bool same = !key.borrows_identity &&
                      std::ranges::equal(key.columns, mapping.key, {}, &catalog::KeyColumn::attnum,
                                         [](const plan::MappedKeyColumn& column) { return column.live.attnum; });
    if (!same) throw identity_changed(table);
}

Task<Prepared> prepare(AttemptContext context, std::unique_ptr<postgres::Connection> session) {
    auto connection = std::move(session);
    if (!connection) connection = co_await context.sessions.open_for_rows("migration");
    co_await drop_leftovers(*connection, context);
    co_await make_shadow(*connection, context);
    std::exception_ptr failure;
    Prepared prepared;
    try {
        prepared.slot = co_await begin_to_follow(*connection, context);
    } catch (...) {
        failure = std::current_exception();
    }
    prepared.session = std::move(connection);
    if (!failure) co_return std::move(prepared);
    std::vector<catalog::EventTrigger> event_triggers;
    if (prepared.session->is_open() && !is_cancellation(failure)) {
        co_await postgres::rollback_quietly(*prepared.session);
        event_triggers = co_await catalog::read_event_triggers(*prepared.session);
    }
    rethrow_as_refusal(failure, event_triggers);
}

Task<CopyStart> begin_copy(Connection& connection, Oid live) {
    CopyStart start;
    // The lock is taken before the size and the position are read: a TRUNCATE is either over, and the file node is
    // its new one, or comes later, with a commit behind the position.
    auto name = co_await connection.query("SELECT $1::oid::regclass::text", postgres::params(std::to_string(live)));
    co_await connection.script(fmt::format("BEGIN; LOCK TABLE ONLY {} IN ACCESS SHARE MODE", name.text(0, 0)));
    auto row = co_await connection.query(
        "SELECT pg_relation_filenode($1::oid), (pg_relation_size($1::oid) / "
        "current_setting('block_size')::int)::bigint, "
        "pg_relation_size($1::oid), coalesce((SELECT pg_total_relation_size(reltoastrelid) FROM pg_class "
        "WHERE oid = $1::oid AND reltoastrelid <> 0), 0), pg_current_wal_insert_lsn()::text",
        postgres::params(std::to_string(live)));
    co_await connection.script("COMMIT");
    start.target.file_node = row.oid(0, 0);
    start.target.blocks = static_cast<std::uint32_t>(row.uint64(0, 1));
    start.target.heap_bytes = row.uint64(0, 2);
    start.target.toast_bytes = row.uint64(0, 3);
    start.from = Lsn::parse(row.text(0, 4)).value();
    co_return start;
}

}  // namespace pgwraith::migration
