#include "pgwraith/catalog/preflight.h"

#include <fmt/format.h>

#include "pgwraith/catalog/qualified.h"
#include "pgwraith/postgres/version.h"
#include "table_refusals.h"

namespace pgwraith::catalog {

namespace {

using postgres::Connection;
using postgres::Result;

// Who logs in must have REPLICATION, which may be another role than the one that then acts (ALTER ROLE … SET role).
// Managed servers of one large provider give it through the role rds_replication.
constexpr std::string_view wal_sql = R"sql(
SELECT (SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.rolname = session_user),
       (SELECT l.rolsuper OR l.rolreplication
                 OR coalesce((SELECT pg_has_role(l.oid, m.oid, 'USAGE') FROM pg_catalog.pg_roles m
                               WHERE m.rolname = 'rds_replication'), false)
          FROM pg_catalog.pg_roles l WHERE l.rolname = session_user), pg_is_in_recovery(),
       current_setting('wal_level'), current_setting('max_replication_slots'),
       (SELECT count(*) FROM pg_catalog.pg_replication_slots),
       EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1),
       current_setting('max_wal_senders'),
       (SELECT count(*) FROM pg_catalog.pg_stat_replication r
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
                            WHERE s.active_pid = r.pid AND s.slot_name = $1)),
       current_setting('max_slot_wal_keep_size')
)sql";

// SET ROLE to the owner is a right of its own since version 16.
constexpr std::string_view role_sql = R"sql(
SELECT r.rolname, r.rolsuper, pg_is_in_recovery(), pg_has_role(current_user, c.relowner, 'USAGE'),
       pg_has_role(current_user, c.relowner,
                   CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END),
       has_database_privilege(current_database(), 'CREATE'), current_database(),
       has_schema_privilege(c.relnamespace, 'CREATE')
  FROM pg_catalog.pg_roles r, pg_catalog.pg_class c
 WHERE r.rolname = current_user AND c.oid = $1::oid)sql";

void refuse(PreflightReport& report, std::string reason, std::string remedy) {
    report.refusals.push_back({std::move(reason), std::move(remedy)});
}

void check_wal(PreflightReport& report, const Result& row, int version) {
    const std::string_view wal_level = row.text(0, 3);
    if (wal_level != "logical" && !(version >= postgres::since::logical_on_demand && wal_level == "replica")) {
        refuse(report, fmt::format("wal_level is {}, but changes can be followed only with logical", wal_level),
               "ALTER SYSTEM SET wal_level = 'logical', then restart the server");
    }
    const bool own_slot_exists = row.boolean(0, 6);
    if (!own_slot_exists && row.int64(0, 5) >= row.int64(0, 4)) {
        refuse(report,
               fmt::format("no replication slot is free: all {} (max_replication_slots) are taken", row.text(0, 4)),
               "Drop a slot that nobody uses (SELECT * FROM pg_replication_slots WHERE NOT active), or raise "
               "max_replication_slots and restart the server");
    }
    if (row.int64(0, 8) >= row.int64(0, 7)) {
        refuse(report, fmt::format("no WAL sender is free: all {} (max_wal_senders) are in use", row.text(0, 7)),
               "Raise max_wal_senders and restart the server");
    }
    if (!row.boolean(0, 1)) {
        const std::string login = quote_identifier(row.text(0, 0));
        refuse(report, fmt::format("role {} may not use replication", login),
               fmt::format("ALTER ROLE {} REPLICATION", login));
    }
    if (row.text(0, 9) == "-1") {
        report.warnings.push_back(
            "max_slot_wal_keep_size is unlimited: if this migration dies and is never resumed or aborted, its "
            "replication slot keeps WAL until the disk is full");
    }
}

void check_role(PreflightReport& report, const Table& table, const Result& row) {
    const std::string role = quote_identifier(row.text(0, 0));
    const std::string owner = quote_identifier(table.owner);
    if (row.boolean(0, 2)) {
        refuse(report, "the server is a standby (in recovery)", "Connect to the primary");
    }
    if (row.boolean(0, 1)) {
        return;  // a superuser
    }
    if (!row.boolean(0, 3)) {
        refuse(report, fmt::format("role {} does not own table {}", role, table.name.sql()),
               fmt::format("Connect as {0}, or GRANT {0} TO {1}", owner, role));
    } else if (!row.boolean(0, 4)) {
        refuse(report,
               fmt::format("role {} may not SET ROLE to {}, the owner of table {}", role, owner, table.name.sql()),
               fmt::format("GRANT {} TO {} WITH SET TRUE", owner, role));
    }
    if (!row.boolean(0, 5)) {
        const std::string database = quote_identifier(row.text(0, 6));
        refuse(report, fmt::format("role {} may not create schemas and publications in database {}", role, database),
               fmt::format("GRANT CREATE ON DATABASE {} TO {}", database, role));
    }
    if (!row.boolean(0, 7)) {
        const std::string schema = quote_identifier(table.name.schema);
        refuse(report,
               fmt::format("role {} may not create tables in schema {}, where the new table has to go", role, schema),
               fmt::format("GRANT CREATE ON SCHEMA {} TO {}", schema, role));
    }
}

const char* kind_name(RelationKind kind) {
    switch (kind) {
        case RelationKind::partitioned_table:
            return "a partitioned table";
        case RelationKind::view:
            return "a view";
        case RelationKind::materialized_view:
            return "a materialized view";
        case RelationKind::foreign_table:
            return "a foreign table";
        case RelationKind::sequence:
            return "a sequence";
        case RelationKind::index:
        case RelationKind::partitioned_index:
            return "an index";
        case RelationKind::toast_table:
            return "a TOAST table";
        case RelationKind::composite_type:
            return "a composite type";
        default:
            return "not a table";
    }
}

}  // namespace

namespace {

Error in_one(const std::vector<Refusal>& refusals) {
    std::string reasons, remedies;
    for (const auto& refusal : refusals) {
        reasons += (reasons.empty() ? "" : "; ") + refusal.reason;
        if (remedies.find(refusal.remedy) != std::string::npos) continue;
        remedies += (remedies.empty() ? "" : " ") + refusal.remedy;
    }
    return Error(ErrorKind::refused, reasons, remedies);
}

}  // namespace

Refused::Refused(std::vector<Refusal> refusals) : Error(in_one(refusals)), refusals_(std::move(refusals)) {}
Refused::Refused(std::vector<Refusal> refusals, const Error& text) : Error(text), refusals_(std::move(refusals)) {}

PreflightReport table_refusals(const Table& table) {
    PreflightReport report;
    const std::string name = table.name.sql();
    if (table.kind != RelationKind::table) {
        refuse(report, fmt::format("{} is {}", name, kind_name(table.kind)),
               table.kind == RelationKind::partitioned_table
                   ? "Partitioned tables cannot be migrated: their columns and partitions go together. To "
                     "take the bloat out of a partition: ALTER TABLE … DETACH PARTITION … CONCURRENTLY, "
                     "migrate it, ATTACH PARTITION"
                   : "Name an ordinary table");
        return report;
    }
    if (table.system) {
        refuse(report, fmt::format("{} is a system table", name), "Name a table of your own");
    }
    if (table.persistence == Persistence::temporary) {
        refuse(report, fmt::format("{} is a temporary table", name),
               "Only the session that made it can see its rows: change it there with ALTER TABLE");
    }
    return report;
}

PreflightReport check_copied(const Table& table) {
    PreflightReport report;
    const std::string name = table.name.sql();
    if (table.persistence == Persistence::unlogged) {
        refuse(report, fmt::format("{} is unlogged: its changes are not in the WAL", name),
               fmt::format("ALTER TABLE {} SET LOGGED (it locks and rewrites the table), or change it with ALTER TABLE",
                           name));
    }
    if (table.access_method != "heap") {
        refuse(report,
               fmt::format("{} uses the table access method {}, whose rows have no physical order to copy by", name,
                           table.access_method),
               fmt::format("ALTER TABLE {} SET ACCESS METHOD heap, if that is acceptable", name));
    }
    for (const Index& index : table.indexes) {
        if (!index.valid) {
            report.warnings.push_back(
                fmt::format("index {} is not valid (an interrupted CREATE INDEX or REINDEX CONCURRENTLY?): the new "
                            "table will not have it",
                            quote_identifier(index.name)));
        }
    }
    return report;
}

Task<PreflightReport> check_access(Connection& connection, const Table& table) {
    PreflightReport report;
    if (connection.server_version() < postgres::since::supported) {
        refuse(report, fmt::format("the server is PostgreSQL {}", connection.server_version() / 10'000),
               "PostgreSQL 15 or later is needed");
        co_return report;
    }
    std::vector<postgres::Param> oid{std::to_string(table.oid)};
    const Result role = co_await connection.query(std::string{role_sql}, std::move(oid));
    check_role(report, table, role);
    co_return report;
}

Task<PreflightReport> check_server(Connection& connection, std::string own_slot) {
    PreflightReport report;
    if (connection.server_version() < postgres::since::supported) co_return report;  // it need not even parse there
    std::vector<postgres::Param> slot{own_slot};
    const Result wal = co_await connection.query(std::string{wal_sql}, std::move(slot));
    check_wal(report, wal, connection.server_version());
    co_return report;
}

Task<PreflightReport> check_table(Connection& connection, const Table& table) {
    PreflightReport report = table_refusals(table);
    std::vector<postgres::Param> oid{std::to_string(table.oid)};
    const Result hidden = co_await connection.query("SELECT pg_catalog.row_security_active($1::oid)", std::move(oid));
    if (hidden.boolean(0, 0)) {
        refuse(
            report,
            fmt::format("row level security applies to our role on table {}: rows could be hidden", table.name.sql()),
            "Use a role with BYPASSRLS, or the table's owner and NO FORCE ROW LEVEL SECURITY");
    }
    co_return report;
}

}  // namespace pgwraith::catalog
