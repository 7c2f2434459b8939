// Replication's company, before anything begins.
#include <fmt/format.h>

#include "key_candidates.h"

#include "pgwraith/catalog/company.h"
#include "pgwraith/catalog/preflight.h"

namespace pgwraith::catalog {

namespace {

// A walsender whose numbers our role may not see could be a standby's; senders of logical slots are none.
constexpr std::string_view around_sql = R"sql(
SELECT (SELECT count(*) FROM pg_catalog.pg_stat_replication r
         WHERE r.state IS NULL AND r.application_name NOT LIKE 'pgwraith stream (%'
           AND r.pid NOT IN (SELECT s.active_pid FROM pg_catalog.pg_replication_slots s
                              WHERE s.slot_type = 'logical' AND s.active_pid IS NOT NULL)),
       quote_ident(current_user),
       (SELECT CASE WHEN setting::bigint > 0 THEN current_setting(name) END
          FROM pg_catalog.pg_settings WHERE name = 'idle_replication_slot_timeout'))sql";

void check_slots(PreflightReport& report, const Company& company, Oid table, bool allowed) {
    for (const auto& slot : company.slots) {
        auto what =
            slot.describe() + " is not bound to publications: its consumer is sent every row of the shadow table";
        if (allowed) {
            report.warnings.push_back(std::move(what));
            continue;
        }
        report.refusals.push_back(
            {std::move(what),
             fmt::format("Let its consumer leave out the schema pgwraith_new_{} (wal2json: the option filter-tables or "
                         "add-tables; Debezium: table.include.list; test_decoding has no such option), then say "
                         "`replication: {{other_slots: allow}}`. If nobody reads it any more: SELECT "
                         "pg_drop_replication_slot({})",
                         table, quote_literal(slot.name)),
             "replication slot " + quote_identifier(slot.name)});
    }
}

void check_publishers(PreflightReport& report, const Company& company, bool allowed) {
    for (const auto& publisher : company.publishers) {
        const auto name = quote_identifier(publisher.name);
        if (publisher.but_this_one) {
            report.refusals.push_back(
                {fmt::format(
                     "publication {} is FOR ALL TABLES but this one: it would publish the shadow table, and the "
                     "new table after the swap",
                     name),
                 "Publish the tables one by one (FOR TABLE …) or by schema (FOR TABLES IN SCHEMA …)",
                 "publication " + name});
            continue;
        }
        auto what = fmt::format(
            "publication {} is FOR ALL TABLES: it would publish the shadow table too, and its subscribers would break",
            name);
        if (allowed) {
            report.warnings.push_back(fmt::format(
                "publication {} is FOR ALL TABLES: its subscribers are sent the shadow table's rows too", name));
            continue;
        }
        report.refusals.push_back(
            {std::move(what),
             "Publish the tables one by one (FOR TABLE …) or by schema (FOR TABLES IN SCHEMA …). If its subscribers "
             "can "
             "take a table that they do not have (Debezium does; a PostgreSQL subscription stops with \"does not "
             "exist\"): `replication: {all_tables: allow}`",
             "publication " + name});
    }
}

void check_synchronous(PreflightReport& report, const Company& company) {
    if (!counts_as_synchronous(company.synchronous_standby_names, "pgwraith stream")) return;
    report.refusals.push_back(
        {fmt::format("synchronous_standby_names is {}: our change stream would count as a synchronous standby, so that "
                     "commits wait for it, or are confirmed by it alone",
                     quote_literal(company.synchronous_standby_names)),
         "Name the standbys one by one instead of *: ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (name, …)', "
         "then "
         "SELECT pg_reload_conf()",
         "setting synchronous_standby_names"});
}

// The publications that publish UPDATE or DELETE of the table, except ours.
constexpr std::string_view publishers_sql = R"sql(
SELECT p.pubname
  FROM pg_catalog.pg_publication p
 WHERE (p.pubupdate OR p.pubdelete) AND p.pubname <> 'pgwraith_' || $1::oid::text
   AND (p.puballtables
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr WHERE pr.prpubid = p.oid AND pr.prrelid = $1::oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace pn JOIN pg_catalog.pg_class c ON c.relnamespace = pn.pnnspid
                    WHERE pn.pnpubid = p.oid AND c.oid = $1::oid))
 ORDER BY 1)sql";

}  // namespace

Task<std::vector<std::string>> publishers(postgres::Connection& connection, Oid table) {
    const auto rows = co_await connection.query(std::string(publishers_sql), postgres::params(std::to_string(table)));
    std::vector<std::string> names;
    for (int row = 0; row < rows.rows(); ++row) names.push_back(quote_identifier(rows.text(row, 0)));
    co_return names;
}

namespace {

// Writes that fail now would pass until the swap, and fail again.
Refusal not_identified(const std::string& publication, const Table& table, const Key& key) {
    return {fmt::format("publication {} publishes UPDATE and DELETE of {}, and nothing identifies its rows: the server "
                        "refuses these writes",
                        publication, table.name.sql()),
            fmt::format("Set the index for good, and leave `key` out: ALTER TABLE {} REPLICA IDENTITY {}; or take the "
                        "table out of that publication",
                        table.name.sql(), key.identity().sql()),
            "publication " + publication};
}

}  // namespace

// Where the server has nothing to identify rows by, nobody can have been sent an UPDATE or DELETE: then nothing is
// taken from anybody.
Task<PreflightReport> check_borrowed_identity(postgres::Connection& connection, Table table, Key key) {
    PreflightReport report;
    const auto names = co_await publishers(connection, table.oid);
    if (!is_identified(table)) {
        for (const auto& name : names) report.refusals.push_back(not_identified(name, table, key));
        co_return report;
    }
    const auto now = table.identity().sql();
    const auto meanwhile = key.identity().sql();
    for (const auto& name : names) {
        report.refusals.push_back(
            {fmt::format(
                 "publication {} publishes UPDATE and DELETE of {} by its REPLICA IDENTITY {}, which would be {} "
                 "for the time of the migration: its subscribers would be sent other columns to find rows by, or "
                 "the application's writes would fail",
                 name, table.name.sql(), now, meanwhile),
             fmt::format(
                 "Leave `key` out, so that rows are followed by what identifies them now, or take the table out of "
                 "that publication for the time of the migration (ALTER PUBLICATION {} DROP TABLE {})",
                 name, table.name.sql()),
             "publication " + name});
    }
    const Company company = co_await read_company(connection, table.oid);
    for (const auto& slot : company.slots) {
        report.warnings.push_back(
            fmt::format("{}: while the migration runs its consumer is sent UPDATE and DELETE of {} by REPLICA IDENTITY "
                        "{} instead of {}",
                        slot.describe(), table.name.sql(), meanwhile, now));
    }
    co_return report;
}

Task<PreflightReport> check_replication(postgres::Connection& connection, const Table& table, ReplicationRules rules) {
    PreflightReport report;
    const Company company = co_await read_company(connection, table.oid);
    check_slots(report, company, table.oid, rules.allow_other_slots);
    check_publishers(report, company, rules.allow_all_tables);
    check_synchronous(report, company);
    const postgres::Result around = co_await connection.query(std::string(around_sql));
    if (around.int64(0, 0) > 0) {
        report.warnings.push_back(
            fmt::format("the lag of a standby is hidden from role {0}, and the copy waits while it cannot see that: "
                        "GRANT pg_monitor TO {0}",
                        around.text(0, 1)));
    }
    if (!around.is_null(0, 2)) {
        report.warnings.push_back(
            fmt::format("idle_replication_slot_timeout is {}: a migration that stands still for longer (stopped, or "
                        "without the server) has lost its slot and must begin anew",
                        around.text(0, 2)));
    }
    co_return report;
}

}  // namespace pgwraith::catalog
