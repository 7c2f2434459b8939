#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/redirect.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::carry {

namespace {

constexpr std::string_view policies_sql = R"sql(
SELECT p.polname, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                     ELSE 'ALL' END,
       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ')
          FROM unnest(p.polroles) AS r),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
       obj_description(p.oid, 'pg_policy'), i.type || ' ' || i.identity
  FROM pg_policy p, LATERAL pg_identify_object('pg_policy'::regclass, p.oid, 0) AS i
 WHERE p.polrelid = $table
 ORDER BY p.polname)sql";

constexpr std::string_view foreign_policies_sql = R"sql(
SELECT DISTINCT p.oid, p.polname, n.nspname, c.relname, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid),
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                     ELSE 'ALL' END,
       (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM pg_depend d
  JOIN pg_policy p ON p.oid = d.objid
  JOIN pg_class c ON c.oid = p.polrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $table
   AND p.polrelid <> $table AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pgwraith_new_$table', 'pgwraith_old_$table')
 ORDER BY n.nspname, c.relname, p.polname)sql";

std::string expressions(const std::optional<std::string>& qualification, const std::optional<std::string>& check) {
    std::string sql;
    if (qualification) sql += fmt::format(" USING ({})", *qualification);
    if (check) sql += fmt::format(" WITH CHECK ({})", *check);
    return sql;
}

}  // namespace

Task<std::vector<Attached>> read_policies(postgres::Connection& connection, Oid live, std::string target) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(policies_sql, live));
    std::vector<Attached> policies;
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string name = quote_identifier(rows.text(row, 0));
        Attached policy;
        policy.identity = rows.str(row, 7);
        policy.sql.push_back(plan::in_same_words(fmt::format(
            "CREATE POLICY {} ON {} AS {} FOR {} TO {}{}", name, target, rows.text(row, 1), rows.text(row, 2),
            rows.text(row, 3), expressions(rows.optional_text(row, 4), rows.optional_text(row, 5)))));
        if (!rows.is_null(row, 6)) {
            policy.sql.push_back(
                fmt::format("COMMENT ON POLICY {} ON {} IS {}", name, target, quote_literal(rows.text(row, 6))));
        }
        policies.push_back(std::move(policy));
    }
    co_return policies;
}

// Given the same text again, in which the table's name now means the new one.
Task<Carried> carry_foreign_policies(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(foreign_policies_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    Carried carried;
    for (int row = 0; row < rows.rows(); ++row) {
        const QualifiedName table{rows.str(row, 2), rows.str(row, 3)};
        carried.locks.push_back(table_lock(Turn::before, table));
        carried.after_move.push_back(
            plan::in_same_words(fmt::format("ALTER POLICY {} ON {}{}", quote_identifier(rows.text(row, 1)), table.sql(),
                                            expressions(rows.optional_text(row, 4), rows.optional_text(row, 5)))));
    }
    co_return carried;
}

// On a table of the same name and columns: an expression may call its columns by that name.
Task<void> try_foreign_policies(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(foreign_policies_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    std::string refused;
    for (int row = 0; row < rows.rows(); ++row) {
        const QualifiedName table{rows.str(row, 2), rows.str(row, 3)};
        const QualifiedName stand_in{context.pair.shadow.schema + "_policy", table.name};
        const auto name = quote_identifier(rows.text(row, 1));
        const std::map<QualifiedName, QualifiedName> instead{{context.live.name, context.pair.shadow}};
        const std::vector<std::string> search_path;
        const auto policy =
            plan::redirect(fmt::format("CREATE POLICY {} ON {} FOR {}{}", name, stand_in.sql(), rows.text(row, 6),
                                       expressions(rows.optional_text(row, 4), rows.optional_text(row, 5))),
                           search_path, instead);
        if (!policy) continue;
        const auto sql = fmt::format("CREATE SCHEMA {}; CREATE TABLE {} ({}); {}", quote_identifier(stand_in.schema),
                                     stand_in.sql(), rows.text(row, 7), *policy);
        const auto failure = co_await postgres::try_and_undo(connection, sql);
        if (!failure) continue;
        const auto triggers = co_await catalog::read_event_triggers(connection);
        refused += fmt::format("{}policy {} on {} does not fit the new table: {}", refused.empty() ? "" : "; ", name,
                               table.sql(), catalog::message_with_origin(triggers, *failure));
    }
    if (refused.empty()) co_return;
    throw Error(ErrorKind::refused, refused, "Change the policy so that it fits, or drop it before the migration.");
}

}  // namespace pgwraith::carry
