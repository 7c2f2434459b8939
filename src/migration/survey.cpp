#include "survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "board.h"
#include "objects.h"
#include "pgwraith/hooks/hooks.h"
#include "server_room.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;

void add(Survey& survey, const catalog::PreflightReport& report) {
    survey.refusals.insert(survey.refusals.end(), report.refusals.begin(), report.refusals.end());
    survey.warnings.insert(survey.warnings.end(), report.warnings.begin(), report.warnings.end());
}

// Those that are not known yet.
void add_others(Survey& survey, const std::vector<catalog::Refusal>& refusals) {
    for (const auto& refusal : refusals) {
        const bool known = std::ranges::any_of(
            survey.refusals, [&](const Plan::Reason& reason) { return reason.reason == refusal.reason; });
        if (!known) survey.refusals.push_back(refusal);
    }
}

// How long it would take until the disk is full.
void say_what_is_free(const ServerRoom& room, std::vector<std::string>& warnings) {
    if (!room.wal_disk) return;
    for (auto& warning : warnings) {
        if (!warning.starts_with("max_slot_wal_keep_size is unlimited")) continue;
        warning += fmt::format(" ({} are free on it now)", format_size(*room.wal_disk));
    }
}

bool is_text(const std::string& type) {
    return type == "text" || type == "name" || type.starts_with("character") || type.ends_with("citext");
}

// What would stop the migration after hours, and can be seen now.
Task<void> warn_of_encoding(Connection& connection, Survey& survey) {
    const auto row = co_await connection.query("SELECT current_setting('server_encoding')");
    const bool text_key = survey.key && std::ranges::any_of(survey.key->columns, [](const catalog::KeyColumn& column) {
                              return is_text(column.base_type_sql);
                          });
    if (row.text(0, 0) == "SQL_ASCII" && text_key) {
        survey.warnings.push_back(
            "the database's encoding is SQL_ASCII: a key that is written with bytes that are not UTF-8 stops the "
            "migration for good");
    }
}

}  // namespace

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

Task<Survey> survey_table(Connection& connection, Oid oid) {
    Survey survey;
    survey.table = co_await catalog::read_table(connection, oid);
    add(survey, co_await catalog::check_access(connection, survey.table));
    const auto of_table = co_await catalog::check_table(connection, survey.table);
    add(survey, of_table);
    survey.may_be_changed = of_table.refusals.empty();
    if (!survey.may_be_changed) co_return survey;
    survey.dependents = co_await catalog::read_dependents(connection, survey.table);
    add(survey, {catalog::refuse_ties(survey.dependents), {}});
    co_return survey;
}

Task<Survey> survey(Connection& connection, Survey so_far, const config::Settings& settings) {
    auto survey = std::move(so_far);
    const MigrationNames names(co_await database_oid(connection), survey.table.oid);
    auto copied = survey.may_be_changed;
    if (copied) {
        const auto of_copy = catalog::check_copied(survey.table);
        add(survey, of_copy);
        copied = of_copy.refusals.empty();
    }
    add(survey, co_await catalog::check_server(connection, names.slot));
    const auto room = co_await read_server_room(connection, survey.table, settings);
    say_what_is_free(room, survey.warnings);
    add(survey, co_await catalog::check_replication(connection, survey.table, replication_rules(settings)));
    if (!copied) co_return survey;  // not a table that the rest could be asked about

    add_others(survey, catalog::refuse_dependents(survey.dependents));
    try {
        survey.key = co_await catalog::choose_key(connection, survey.table, key_wish(settings));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        survey.refusals.push_back({error.message(), error.hint()});
    }
    if (survey.key && survey.key->borrows_identity) {
        add(survey, co_await catalog::check_borrowed_identity(connection, survey.table, *survey.key));
    }
    co_await warn_of_encoding(connection, survey);
    judge_room(room, survey);
    co_return survey;
}

Task<RowsSurvey> survey_rows_session(Connection& connection) {
    RowsSurvey survey;
    survey.settings = co_await postgres::read_row_settings(connection);
    auto hidden = co_await postgres::hidden_built_in(connection);
    if (!hidden.empty()) {
        survey.refusals.push_back(
            {fmt::format("the search_path of our role in this database has other schemas before pg_catalog, and there "
                         "is {}, which hides the built-in object of that name",
                         hidden),
             "Take pg_catalog out of the search_path (it comes first then), with ALTER ROLE … SET search_path or in "
             "`connection` (options=-csearch_path=…)."});
    }
    co_return survey;
}

std::vector<Plan::Reason> check_hooks(const config::Settings& settings) {
    std::vector<Plan::Reason> reasons;
    for (auto& missing : hooks::not_there(settings)) {
        reasons.push_back({std::move(missing), "Relative paths are relative to the YAML file."});
    }
    return reasons;
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

}  // namespace pgwraith::migration
