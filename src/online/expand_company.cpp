#include "expand_company.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/online/plan_expansion.h"

namespace pgwraith::online {

using postgres::Connection;

namespace {

// Triggers that are to run when an old column is written run when the application writes it, not when ours does.
Task<void> look_at_triggers(Connection& connection, const Expansion& expansion, std::vector<std::string>& warnings) {
    std::vector<std::string_view> old(expansion.old_columns.begin(), expansion.old_columns.end());
    const auto found = co_await connection.query(
        "SELECT pg_catalog.quote_ident(t.tgname), pg_catalog.quote_ident(a.attname) FROM pg_catalog.pg_trigger t "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr) "
        "WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND a.attname = ANY ($2::name[]) ORDER BY 1, 2",
        postgres::params(std::to_string(expansion.oid), postgres::array_literal(old)));
    for (int row = 0; row < found.rows(); ++row) {
        warnings.push_back(fmt::format(
            "trigger {} is one of UPDATE OF {}: it does not run when a new version of the application writes "
            "the new column",
            found.text(row, 0), found.text(row, 1)));
    }
    const auto others = co_await connection.query(
        "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(tgname), ', ' ORDER BY tgname) FROM pg_catalog.pg_trigger "
        "WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgtype & 17 = 17 AND tgenabled <> 'D' AND tgattr = ''",
        postgres::params(std::to_string(expansion.oid)));
    if (!others.is_null(0, 0)) {
        warnings.push_back(fmt::format("filling old rows is an UPDATE of each of them: these triggers run for it: {}",
                                       others.text(0, 0)));
    }
}

// A subscriber without the column stops at the first row that has it.
Task<void> look_at_publications(Connection& connection, const Expansion& expansion,
                                std::vector<std::string>& warnings) {
    const auto publications = co_await catalog::publishers(connection, expansion.oid);
    if (publications.empty()) co_return;
    warnings.push_back(
        fmt::format("the table is published ({}): subscribers that are tables need the new columns first, and are sent "
                    "every row that is filled",
                    fmt::join(publications, ", ")));
}

}  // namespace

Task<std::vector<std::string>> warn_of_company(Connection& connection, Expansion expansion) {
    std::vector<std::string> warnings;
    co_await look_at_triggers(connection, expansion, warnings);
    co_await look_at_publications(connection, expansion, warnings);
    co_return warnings;
}

Task<void> refuse_expanded(Connection& connection, Oid table) {
    const auto found = co_await connection.query(
        "SELECT quote_ident(tgname), tgrelid::regclass::text FROM pg_catalog.pg_trigger WHERE tgrelid = $1::oid "
        "AND tgname LIKE '%pgwraith\\_expand\\_%'",
        postgres::params(std::to_string(table)));
    if (found.empty()) co_return;
    throw Error(
        ErrorKind::refused,
        fmt::format("{} is expanded already: its trigger {} keeps old and new columns equal", found.text(0, 1),
                    found.text(0, 0)),
        "Nothing was changed. End that first: `pgwraith contract` or `pgwraith abort`, with the configuration and "
        "the `state_dir` that it had.");
}

Task<std::vector<std::string>> read_users_of_columns(Connection& connection, Expansion expansion) {
    std::vector<std::string_view> old(expansion.old_columns.begin(), expansion.old_columns.end());
    std::vector<std::string_view> with_twin;
    for (const auto& twin : expansion.twins) with_twin.push_back(twin.old_name);
    // What goes with the column (a default, an index, a constraint of the table) depends on it automatically; the rest
    // would have to be dropped by name. Of a view it is the rule that depends.
    const auto found = co_await connection.query(
        "WITH parts (classid, objid, objsubid) AS ("
        "  SELECT 'pg_catalog.pg_class'::regclass::oid, attrelid, attnum::int FROM pg_catalog.pg_attribute"
        "   WHERE attrelid = $1::oid AND attname = ANY ($2::name[])"
        "  UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass::oid, c.oid, 0 FROM pg_catalog.pg_constraint c"
        "   JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
        "   WHERE c.conrelid = $1::oid AND c.contype IN ('p', 'u') AND a.attname = ANY ($2::name[])) "
        "SELECT DISTINCT i.type || ' ' || i.identity FROM parts p JOIN pg_catalog.pg_depend d ON d.refclassid = "
        "p.classid"
        "  AND d.refobjid = p.objid AND d.refobjsubid = p.objsubid "
        "  LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid"
        "  LEFT JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm'), "
        "LATERAL pg_catalog.pg_identify_object(CASE WHEN v.oid IS NULL THEN d.classid ELSE "
        "  'pg_catalog.pg_class'::regclass END, coalesce(v.oid, d.objid), 0) AS i "
        "WHERE d.deptype = 'n' AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint t WHERE d.classid = "
        "  'pg_catalog.pg_constraint'::regclass AND t.oid = d.objid AND t.conrelid = $1::oid AND t.conname = ANY "
        "  ($3::name[])) AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o JOIN parts q ON q.classid = "
        "  o.refclassid AND q.objid = o.refobjid AND q.objsubid = o.refobjsubid WHERE o.classid = d.classid "
        "  AND o.objid = d.objid AND o.deptype = 'a') ORDER BY 1",
        postgres::params(std::to_string(expansion.oid), postgres::array_literal(old),
                         postgres::array_literal(with_twin)));
    std::vector<std::string> users;
    for (int row = 0; row < found.rows(); ++row) users.push_back(found.str(row, 0));
    co_return users;
}

}  // namespace pgwraith::online
