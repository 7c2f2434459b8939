#include "identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/online/documents.h"
#include "pgwraith/plan/escape_strings.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::migration {

using postgres::Connection;

Task<Identity> make_identity(Connection& connection, const config::Settings& settings, Oid oid) {
    auto row = co_await connection.query(
        "SELECT (SELECT system_identifier::text FROM pg_control_system()), d.oid, "
        "       CASE WHEN NOT pg_is_in_recovery() "
        "            THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint ELSE 0 END "
        "  FROM pg_database d WHERE d.datname = current_database()");
    Identity identity{row.str(0, 0), row.oid(0, 2),   row.oid(0, 1),       oid, settings.table,
                      settings.sql,  settings.values, settings.key.text(), {}};
    identity.expand = settings.expand;
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
    } else if (settings.strategy == (identity.direct() ? config::Strategy::shadow : config::Strategy::direct)) {
        what = "strategy";  // auto keeps the way that was chosen
    } else if (identity.expand != settings.expand) {
        what = "expand";
    }
    if (what.empty()) return;
    // Of one table there is one migration at a time, wherever its state is.
    const char* elsewhere = what == "table" ? ", or give the new migration a `state_dir` of its own" : "";
    throw Error(
        ErrorKind::refused,
        fmt::format("`{}` is not what the migration in {} began with (of {})", what, settings.state_dir.string(),
                    identity.table.sql()),
        fmt::format("Put it back to carry on, or `pgwraith abort` first{}. Throttle, workers and cutover settings may "
                    "change.",
                    elsewhere));
}

Task<KnownPast> known_past(store::Store& store) {
    KnownPast past;
    past.position = co_await store.ledger().position();
    for (const auto& chunk : co_await store.journal().chunks()) {
        if (chunk.done) past.committed = std::max(past.committed, chunk.xid);
    }
    const auto steps = co_await store.journal().get<online::StepStates>();
    if (!steps) co_return past;
    for (const auto& step : steps->states) {
        if (step.state == online::StepState::done) past.committed = std::max(past.committed, step.xid);
    }
    co_return past;
}

Task<void> require_same_server(Connection& connection, config::Settings settings, Identity identity, KnownPast past) {
    auto recovery = co_await connection.query("SELECT pg_is_in_recovery()");
    if (recovery.boolean(0, 0)) {
        throw postgres::PgError(std::string(postgres::sqlstate::cannot_connect_now),
                                "the server is a standby, or still recovers");  // it may be promoted yet
    }
    auto here = co_await make_identity(connection, settings, identity.table_oid);
    if (here.system_identifier != identity.system_identifier || here.database != identity.database) {
        throw Error(
            ErrorKind::stopped, "the state directory belongs to a migration on another server or database",
            "Check `connection` and `state_dir`. After a restore, or on a copy of that server, only a new start helps: "
            "remove the state directory by hand, `pgwraith abort` drops what is in the database.");
    }
    auto now = co_await connection.query(
        "SELECT pg_current_wal_flush_lsn()::text, pg_snapshot_xmax(pg_current_snapshot())::text");
    const ServerNow there{here.timeline, Lsn::parse(now.text(0, 0)).value(), now.uint64(0, 1)};
    auto why = other_history(identity, there, past);
    if (why.empty() && past.committed != 0) {
        const auto status = co_await postgres::xact_status(connection, past.committed);
        why = other_history(past, status);
    }
    if (why.empty()) co_return;
    Error other_history(ErrorKind::stopped, why,
                        "Copied rows and recorded changes may be missing. Only a new start helps: `pgwraith "
                        "abort`, then `pgwraith run`. If the swap was under way, look first whether the table "
                        "has its new shape.");
    throw other_history;
}

config::Settings as_read_by_the_role(config::Settings settings, const postgres::Settings& of_rows) {
    const auto escapes = of_rows.find("standard_conforming_strings");
    if (escapes == of_rows.end() || escapes->second != "off") return settings;
    settings.sql = plan::with_escape_strings(settings.sql);
    for (auto& [column, expression] : settings.values) expression = plan::with_escape_strings(expression);
    for (auto& column : settings.expand) {
        column.up = plan::with_escape_strings(column.up);
        for (auto& [old, expression] : column.down) expression = plan::with_escape_strings(expression);
    }
    for (auto& [view, definition] : settings.dependents.views) definition = plan::with_escape_strings(definition);
    return settings;
}

ChangedSettings changed_settings(const postgres::Settings& then, const std::vector<postgres::RowSetting>& now) {
    ChangedSettings changed;
    for (const auto& setting : now) {
        const auto found = then.find(setting.name);
        if (found == then.end() && !setting.custom) continue;  // its value of then is not known
        if (found == then.end()) changed.appeared.push_back(setting.name);
        if (found == then.end() || found->second != setting.value) changed.names.push_back(setting.name);
    }
    return changed;
}

Task<void> note_changed_settings(Connection& connection, Identity identity, postgres::Settings& kept) {
    const auto now = co_await postgres::read_row_settings(connection);
    const auto changed = changed_settings(identity.settings, now);
    for (const auto& name : changed.appeared) kept[name] = "";
    if (changed.names.empty()) co_return;
    spdlog::warn(
        "changed for our role in this database since the migration began: {}. The rows are computed to the end as they "
        "were at the beginning",
        fmt::join(changed.names, ", "));
}

}  // namespace pgwraith::migration
