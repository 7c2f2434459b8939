#include "prepare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dumpers.h"
#include "free_space.h"
#include "objects.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/capture/publication.h"
#include "pgwraith/capture/slot.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/carry/views.h"
#include "pgwraith/plan/escape_strings.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;

void add(Survey& survey, const catalog::PreflightReport& report) {
    survey.refusals.insert(survey.refusals.end(), report.refusals.begin(), report.refusals.end());
    survey.warnings.insert(survey.warnings.end(), report.warnings.begin(), report.warnings.end());
}

// How long it would take until the disk is full.
Task<void> say_what_is_free(Connection& connection, std::vector<std::string>& warnings) {
    for (auto& warning : warnings) {
        if (!warning.starts_with("max_slot_wal_keep_size is unlimited")) continue;
        const auto room = co_await free_for_wal(connection);
        if (room) warning += fmt::format(" ({} are free on it now)", format_size(*room));
    }
}

bool is_text(const std::string& type) {
    return type == "text" || type == "name" || type.starts_with("character") || type.ends_with("citext");
}

// What would stop the migration after hours, and can be seen now.
Task<void> warn_of_limits(Connection& connection, Survey& survey) {
    const auto row = co_await connection.query(
        "SELECT current_setting('server_encoding'), "
        "(SELECT setting::bigint * 1024 FROM pg_settings WHERE name = 'temp_file_limit')");
    const bool text_key = survey.key && std::ranges::any_of(survey.key->columns, [](const catalog::KeyColumn& column) {
                              return is_text(column.base_type_sql);
                          });
    if (row.text(0, 0) == "SQL_ASCII" && text_key) {
        survey.warnings.push_back(
            "the database's encoding is SQL_ASCII: a key that is written with bytes that are not UTF-8 stops the "
            "migration for good");
    }
    // An index's sort may need about what the index takes.
    const auto limit = row.int64(0, 1);
    const auto indexes = static_cast<std::int64_t>(survey.table.index_bytes);
    if (limit >= 0 && indexes > limit) {
        survey.warnings.push_back(fmt::format(
            "temp_file_limit is {} for our role, and the table's indexes take {}: the sort for one of them may be "
            "refused after the copy; raise the limit for the role, or build.maintenance_work_mem",
            format_size(static_cast<std::uint64_t>(limit)), format_size(survey.table.index_bytes)));
    }
}

constexpr const char* foreseen_remedy =
    "Give the migration's role the right that is missing, or remove what forbids it; nothing was changed.";

Task<void> drop_leftovers(Connection& connection, store::Store& store, Identity identity, milliseconds lock_timeout) {
    State state(store.journal());
    const auto recorded = co_await state.borrowed_identity();
    auto made = co_await find_objects(connection, identity.table, identity.table_oid, recorded);
    if (made.empty()) co_return;
    spdlog::info("an earlier preparation was interrupted; its objects are made again");
    co_await drop_objects(connection, made, lock_timeout);
    co_await state.forget_borrowed_identity();
}

// What is recorded before anything of it is done.
std::optional<BorrowedIdentity> to_be_borrowed(const catalog::Table& live, const catalog::Key& key) {
    if (!key.borrows_identity) return std::nullopt;
    return BorrowedIdentity{live.identity(), key.identity()};
}

// The empty shadow, with the definition that the live table had at that moment.
Task<void> make_shadow(Connection& connection, store::Store& store, const config::Settings& as_written,
                       const Identity& identity) {
    const auto settings = as_read_by_the_role(as_written, identity.settings);
    MigrationNames names(identity.database, identity.table_oid);
    auto sql = plan::parse_user_sql(settings.sql, settings.table, names.new_schema);
    std::exception_ptr failure;
    const auto event_triggers = co_await catalog::read_event_triggers(connection);
    co_await connection.script("BEGIN");
    try {
        auto live = co_await catalog::read_table(connection, identity.table_oid);
        auto key = co_await catalog::choose_key(connection, live, key_wish(settings));
        const auto borrowed = to_be_borrowed(live, key);
        if (borrowed) {  // some time may have passed since it was asked
            const auto report = co_await catalog::check_borrowed_identity(connection, live, key);
            if (!report.refusals.empty()) throw refusal(identity.table, report.refusals);
        }
        auto marker = schema_marker(identity.table);
        if (borrowed) marker += identity_note(*borrowed);
        shadow::CreateOptions options{names.new_schema, marker, settings.values, event_triggers};
        auto blueprint = co_await shadow::create_shadow(connection, live, key, sql, options);
        for (const auto& warning : blueprint.warnings) spdlog::warn("{}", warning);
        for (const auto& sequence : blueprint.sequences) {
            spdlog::info("in the swap: ALTER SEQUENCE {} {}", sequence.name.sql(), sequence.options);
        }
        for (const auto& left_out : sql.left_out) {
            spdlog::info("sql, line {}: {} is left out: {}", left_out.line, left_out.text, left_out.why);
        }
        auto context = carry_context(live, blueprint, names, settings);
        co_await carry::check_carry(connection, context);
        co_await check_views(connection, settings, live, blueprint);
        co_await carry::rehearse(connection, context, blueprint, event_triggers);
        for (const auto& column : plan::unverified_columns(blueprint.mapping)) spdlog::warn("{}", column.why);
        QualifiedName shadow{names.new_schema, live.name.name};
        co_await let_dump(connection, identity.table_oid, shadow, true);
        auto definition = co_await catalog::read_definition(connection, identity.table_oid);
        // As it is from then on: what we do ourselves is no drift, and what others do until then is.
        if (borrowed) definition = co_await catalog::with_identity(connection, definition, key.index_oid);
        State state(store.journal());
        co_await state.set_definition(definition);
        co_await state.set_blueprint(blueprint);
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
Task<void> identify_rows(Connection& connection, store::Store& store, Board& board, Identity identity) {
    const auto borrowed = co_await State(store.journal()).borrowed_identity();
    if (!borrowed) co_return;
    board.progress.activity = "making index " + borrowed->meanwhile.index + " the replica identity for a while";
    const auto say = [&board](const std::string& what) {
        spdlog::warn("{}", what);
        board.progress.activity = what;
    };
    const auto lock_timeout = [&board] { return board.settings.cutover.lock_timeout; };  // `pgwraith set` changes it
    const auto waited =
        co_await borrow_identity(connection, identity.table_oid, identity.table, *borrowed, lock_timeout, say);
    board.progress.activity.clear();
    board.progress.blocked_ms = std::max(board.progress.blocked_ms.value_or(0), waited.ms);
    spdlog::info("the replica identity of {} is {}; others waited {:.1f} ms at most", identity.table.sql(),
                 borrowed->in_words(), waited.ms);
}

// The shadow was made for the key of a moment ago.
void require_same_key(const QualifiedName& table, const catalog::Key& key, const plan::Mapping& mapping) {
    const bool same = !key.borrows_identity &&
                      std::ranges::equal(key.columns, mapping.key, {}, &catalog::KeyColumn::attnum,
                                         [](const plan::MappedKeyColumn& column) { return column.live.attnum; });
    if (same) return;
    throw Error(ErrorKind::refused,
                fmt::format("the replica identity of {} was changed by somebody just now", table.sql()),
                "Nothing was changed. Run again when the table has the replica identity that it is to keep.");
}

// Publication and slot; from here on what changes is known.
Task<std::unique_ptr<postgres::ReplicationStream>> begin_to_follow(Connection& connection,
                                                                   const postgres::Sessions& sessions,
                                                                   store::Store& store, Board& board,
                                                                   Identity identity) {
    MigrationNames names(identity.database, identity.table_oid);
    if (!broken_on_purpose("identity_late")) co_await identify_rows(connection, store, board, identity);
    fault_point("prepare.identity");
    auto live = co_await catalog::read_table(connection, identity.table_oid);
    auto key = co_await catalog::choose_key(connection, live, key_wish(board.settings));
    State state(store.journal());
    const auto blueprint = co_await state.blueprint();
    if (!broken_on_purpose("identity_late")) require_same_key(identity.table, key, blueprint.mapping);
    co_await capture::create_publication(connection, names.publication, live, key);
    fault_point("prepare.publication");
    if (broken_on_purpose("identity_late")) co_await identify_rows(connection, store, board, identity);
    auto slot = co_await capture::create_slot(sessions, names.slot, names.publication);
    fault_point("prepare.slot");
    const capture::SlotStart recorded{slot.start};
    co_await store.journal().put(recorded);
    co_await store.ledger().record(std::span<const store::LedgerEntry>(), slot.start);
    co_await store.ledger().sync();
    auto start = co_await begin_copy(connection, identity.table_oid);
    co_await state.set_copy_start(start);
    fault_point("prepare.copy_start");
    co_await state.set_phase(Phase::copy);
    co_return std::move(slot.holder);
}

}  // namespace

void rethrow_as_refusal(const std::exception_ptr& failure, const std::vector<catalog::EventTrigger>& event_triggers) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        throw Error(
            ErrorKind::refused,
            "the server does not let us prepare the migration: " + catalog::message_with_origin(event_triggers, error),
            catalog::remedy_for(event_triggers, error, foreseen_remedy));
    }
}

Task<QualifiedName> with_schema(const postgres::Sessions& sessions, QualifiedName table) {
    if (!table.schema.empty()) co_return table;
    auto connection = co_await sessions.open_for_rows("search path");
    auto found = co_await connection->query(
        "SELECT n.nspname, pg_catalog.current_setting('search_path') FROM (SELECT pg_catalog.to_regclass($1)::oid) AS "
        "t "
        "(oid) LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid LEFT JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace",
        postgres::params(quote_identifier(table.name)));
    if (found.is_null(0, 0)) {
        throw Error(ErrorKind::refused,
                    fmt::format("there is no table {} in the search_path of the role ({})",
                                quote_identifier(table.name), found.text(0, 1)),
                    "Write it with its schema: schema.table.");
    }
    table.schema = found.str(0, 0);
    spdlog::info("the table is {}, found by the search_path ({})", table.sql(), found.text(0, 1));
    co_return table;
}

Task<Oid> find_live_table(Connection& connection, QualifiedName table) {
    auto oid = co_await catalog::find_relation(connection, table);
    if (oid) co_return *oid;
    throw Error(ErrorKind::refused, fmt::format("there is no table {}", table.sql()),
                "Check `table` (schema, spelling, upper and lower case) and the database in `connection`.");
}

catalog::KeyWish key_wish(const config::Settings& settings) { return {settings.key.automatic, settings.key.index}; }

Task<Survey> survey(Connection& connection, Oid oid, const config::Settings& settings) {
    Survey survey;
    survey.table = co_await catalog::read_table(connection, oid);
    auto database = co_await connection.query("SELECT oid FROM pg_database WHERE datname = current_database()");
    MigrationNames names(database.oid(0, 0), oid);
    auto of_table = co_await catalog::check_table(connection, survey.table);
    add(survey, of_table);
    add(survey, co_await catalog::check_server(connection, survey.table, names.slot));
    co_await say_what_is_free(connection, survey.warnings);
    add(survey, co_await catalog::check_replication(connection, survey.table, replication_rules(settings)));
    if (!of_table.refusals.empty()) co_return survey;  // not a table that the rest could be asked about

    add(survey, co_await catalog::check_dependents(connection, survey.table));
    try {
        survey.key = co_await catalog::choose_key(connection, survey.table, key_wish(settings));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        survey.refusals.push_back({error.message(), error.hint()});
    }
    if (survey.key && survey.key->borrows_identity) {
        add(survey, co_await catalog::check_borrowed_identity(connection, survey.table, *survey.key));
    }
    co_await warn_of_limits(connection, survey);
    co_return survey;
}

Task<RowsSurvey> survey_rows_session(Connection& connection) {
    RowsSurvey survey;
    survey.settings = co_await postgres::read_row_settings(connection);
    auto hidden = co_await postgres::hidden_built_in(connection);
    if (!hidden.empty()) {
        survey.refusals.push_back(
            {fmt::format("the search_path of our role in this database has other schemas before pg_catalog, and there "
                         "is {}, which hides what PostgreSQL means by that name",
                         hidden),
             "Take pg_catalog out of the search_path (it comes first then), with ALTER ROLE … SET search_path or in "
             "`connection` (options=-csearch_path=…)."});
    }
    co_return survey;
}

config::Settings as_read_by_the_role(config::Settings settings, const postgres::Settings& of_rows) {
    const auto escapes = of_rows.find("standard_conforming_strings");
    if (escapes == of_rows.end() || escapes->second != "off") return settings;
    settings.sql = plan::with_escape_strings(settings.sql);
    for (auto& [column, expression] : settings.values) expression = plan::with_escape_strings(expression);
    for (auto& [view, definition] : settings.dependents.views) definition = plan::with_escape_strings(definition);
    return settings;
}

Task<void> note_changed_settings(Connection& connection, Identity identity, postgres::Settings& kept) {
    std::vector<std::string> changed;
    for (const auto& now : co_await postgres::read_row_settings(connection)) {
        auto then = identity.settings.find(now.name);
        if (then == identity.settings.end() && !now.custom) continue;  // its value of then is not known
        if (then == identity.settings.end()) kept[now.name] = "";
        if (then == identity.settings.end() || then->second != now.value) changed.push_back(now.name);
    }
    if (changed.empty()) co_return;
    spdlog::warn(
        "changed for our role in this database since the migration began: {}. The rows are computed to the end as they "
        "were at the beginning",
        fmt::join(changed, ", "));
}

carry::CarryContext carry_context(const catalog::Table& live, const shadow::Blueprint& blueprint,
                                  const MigrationNames& names, const config::Settings& settings) {
    QualifiedName made{names.new_schema, live.name.name};
    shadow::Pair pair{live.oid, live.name, blueprint.shadow_oid, made, blueprint.mapping, names.slot};
    return {live, pair, names.old_schema, settings.dependents};
}

catalog::Refused refusal(const QualifiedName& table, const std::vector<Plan::Reason>& reasons) {
    ensure(!reasons.empty(), "a refusal has a reason");
    auto text = fmt::format("{} cannot be migrated:", table.sql());
    for (const auto& reason : reasons) {
        text += fmt::format("\n  - {}", reason.reason);
        if (!reason.remedy.empty()) text += fmt::format("\n    {}", reason.remedy);
    }
    return catalog::Refused(reasons, Error(ErrorKind::refused, text,
                                           "Nothing was changed. `pgwraith plan` shows all of this without starting."));
}

Task<void> check_views(Connection& connection, config::Settings settings, catalog::Table live,
                       shadow::Blueprint blueprint) {
    auto shadow = co_await catalog::read_table(connection, blueprint.shadow_oid);
    auto refusals = co_await carry::refuse_views(connection, live, shadow, blueprint.mapping, settings.dependents);
    if (refusals.empty()) {
        refusals = co_await carry::try_views(connection, live, shadow, blueprint, settings.dependents);
    }
    if (!refusals.empty()) throw refusal(settings.table, refusals);
}

Task<Identity> make_identity(Connection& connection, const config::Settings& settings, Oid oid) {
    auto row = co_await connection.query(
        "SELECT (SELECT system_identifier::text FROM pg_control_system()), d.oid, "
        "       CASE WHEN NOT pg_is_in_recovery() "
        "            THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint ELSE 0 END "
        "  FROM pg_database d WHERE d.datname = current_database()");
    Identity identity{row.str(0, 0), row.oid(0, 2),   row.oid(0, 1),       oid, settings.table,
                      settings.sql,  settings.values, settings.key.text(), {}};
    co_return identity;
}

void require_same_settings(const config::Settings& settings, const Identity& identity) {
    std::string what;
    if (identity.table != settings.table) {
        what = "table";
    } else if (identity.sql != settings.sql) {
        what = "sql";
    } else if (identity.values != settings.values) {
        what = "values";
    } else if (identity.key != settings.key.text()) {
        what = "key";
    }
    if (what.empty()) return;
    throw Error(
        ErrorKind::refused,
        fmt::format("`{}` is not what the migration in {} began with (of {})", what, settings.state_dir.string(),
                    identity.table.sql()),
        "Put it back to carry on, or `pgwraith abort` first, or give the new migration a `state_dir` of its own. "
        "Throttle, workers and cutover settings may change.");
}

Task<KnownPast> known_past(store::Store& store) {
    KnownPast past;
    past.position = co_await store.ledger().position();
    for (const auto& chunk : co_await store.journal().chunks()) {
        if (chunk.done) past.committed = std::max(past.committed, chunk.xid);
    }
    co_return past;
}

Task<void> require_same_server(Connection& connection, config::Settings settings, Identity identity, KnownPast past) {
    auto recovery = co_await connection.query("SELECT pg_is_in_recovery()");
    if (recovery.boolean(0, 0)) {
        throw postgres::PgError("57P03", "the server is a standby, or still recovers");  // it may be promoted yet
    }
    auto here = co_await make_identity(connection, settings, identity.table_oid);
    if (here.system_identifier != identity.system_identifier || here.database != identity.database) {
        throw Error(
            ErrorKind::stopped, "the state directory belongs to a migration on another server or database",
            "Check `connection` and `state_dir`. After a restore, or on a copy of that server, only a new start helps: "
            "remove the state directory by hand, `pgwraith abort` drops what is in the database.");
    }
    std::string why;
    auto now = co_await connection.query(
        "SELECT pg_current_wal_flush_lsn()::text, pg_snapshot_xmax(pg_current_snapshot())::text");
    auto at = Lsn::parse(now.text(0, 0)).value();
    if (identity.timeline != 0 && here.timeline != identity.timeline) {
        why = fmt::format(
            "the server is on timeline {}, the migration began on timeline {}: it was failed over to a standby, or "
            "restored to an earlier point",
            here.timeline, identity.timeline);
    } else if (past.position && at < *past.position) {
        why = fmt::format("the server is at {}, but had come to {} before: it was restored to an earlier point",
                          at.text(), past.position->text());
    } else if (past.committed >= now.uint64(0, 1)) {
        why = fmt::format(
            "transaction {}, which copied a part of the table, has not happened on the server: it was restored to an "
            "earlier point",
            past.committed);
    } else if (past.committed != 0) {
        auto status = co_await connection.query("SELECT coalesce(pg_xact_status($1::text::xid8), 'committed')",
                                                postgres::params(std::to_string(past.committed)));
        if (status.str(0, 0) != "committed") {
            why = fmt::format(
                "transaction {}, which copied a part of the table, is another one on the server: it was restored to an "
                "earlier point",
                past.committed);
        }
    }
    if (why.empty()) co_return;
    Error other_history(
        ErrorKind::stopped, why,
        "What was copied and recorded need not be there any more. Only a new start helps: `pgwraith "
        "abort`, then `pgwraith run`. Should the swap have been under way, look first whether the table "
        "has its new shape.");
    throw other_history;
}

Task<std::unique_ptr<postgres::ReplicationStream>> prepare(const postgres::Sessions& sessions, store::Store& store,
                                                           Board& board, Identity identity) {
    auto connection = co_await sessions.open_for_rows("prepare");
    co_await drop_leftovers(*connection, store, identity, board.settings.cutover.lock_timeout);
    co_await make_shadow(*connection, store, board.settings, identity);
    std::exception_ptr failure;
    std::unique_ptr<postgres::ReplicationStream> holder;
    try {
        holder = co_await begin_to_follow(*connection, sessions, store, board, identity);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return std::move(holder);
    std::vector<catalog::EventTrigger> event_triggers;
    if (connection->is_open() && !is_cancellation(failure)) {
        event_triggers = co_await catalog::read_event_triggers(*connection);
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
