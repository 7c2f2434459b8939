// What the swap will want from the server that our role, or this version, may be refused: found before anything is
// made.
#include <fmt/format.h>

#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::carry {

namespace {

// What the swap alters and our role may not alter. Another table's rule or policy is altered by that table's owner.
constexpr std::string_view not_ours_sql = R"sql(
SELECT format('publication %I (of %I)', p.pubname, pg_get_userbyid(p.pubowner)), quote_ident(pg_get_userbyid(p.pubowner))
  FROM pg_publication_rel pr JOIN pg_publication p ON p.oid = pr.prpubid
 WHERE pr.prrelid = $table AND p.pubname <> 'pgwraith_$table' AND NOT pg_has_role(p.pubowner, 'USAGE')
UNION
SELECT format('table %s (of %I)', c.oid::regclass, pg_get_userbyid(c.relowner)), quote_ident(pg_get_userbyid(c.relowner))
  FROM pg_depend d
  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename <> '_RETURN'
  LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
  LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
  JOIN pg_class c ON c.oid = coalesce(w.ev_class, p.polrelid, f.adrelid)
 WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $table AND c.oid <> $table
   AND c.relpersistence <> 't' AND NOT pg_has_role(c.relowner, 'USAGE')
UNION
SELECT format('table %s (of %I)', c.oid::regclass, pg_get_userbyid(c.relowner)), quote_ident(pg_get_userbyid(c.relowner))
  FROM pg_depend i
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = i.objid
  JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
  JOIN pg_class c ON c.oid = f.adrelid
 WHERE i.classid = 'pg_class'::regclass AND i.deptype = 'i'
   AND i.refclassid = 'pg_class'::regclass AND i.refobjid = $table AND c.relpersistence <> 't'
   AND NOT pg_has_role(c.relowner, 'USAGE')
UNION
SELECT format('table %s (of %I)', c.oid::regclass, pg_get_userbyid(c.relowner)), quote_ident(pg_get_userbyid(c.relowner))
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'f' AND k.confrelid = $table AND NOT pg_has_role(c.relowner, 'USAGE')
   AND (k.conparentid = 0 OR current_setting('server_version_num')::int < 180000)
UNION
SELECT format('statistics %I.%I (of %I)', n.nspname, s.stxname, pg_get_userbyid(s.stxowner)),
       quote_ident(pg_get_userbyid(s.stxowner))
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
 WHERE s.stxrelid = $table
   AND NOT (pg_has_role(s.stxowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'))
 ORDER BY 1)sql";

// ALTER TABLE … ADD FOREIGN KEY asks this of the role that runs it.
constexpr std::string_view references_sql = R"sql(
SELECT format('foreign key %I to %s', k.conname, p.oid::regclass), p.oid::regclass, quote_ident(current_user)
  FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
 WHERE k.contype = 'f' AND k.conrelid = $table AND k.confrelid <> $table
   AND EXISTS (SELECT FROM unnest(k.confkey) AS n WHERE NOT has_column_privilege(k.confrelid, n, 'REFERENCES'))
 ORDER BY 1)sql";

// VALIDATE CONSTRAINT reads both tables with the rights of our role, which must see all rows.
constexpr std::string_view hidden_rows_sql = R"sql(
SELECT format('constraint %I on %s', k.conname, k.conrelid::regclass), o.oid::regclass, quote_ident(current_user)
  FROM pg_constraint k JOIN pg_class o ON o.oid IN (k.conrelid, k.confrelid) AND o.oid <> $table
 WHERE k.contype = 'f' AND $table IN (k.conrelid, k.confrelid) AND k.conparentid = 0 AND k.convalidated
   AND row_security_active(o.oid)
 ORDER BY 1)sql";

Task<void> check_ownership(postgres::Connection& connection, Oid live) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(not_ours_sql, live));
    if (rows.empty()) co_return;
    std::vector<catalog::Refusal> refusals;
    for (int row = 0; row < rows.rows(); ++row) {
        refusals.push_back(
            {fmt::format("the swap has to alter objects that our role may not alter: {}", rows.text(row, 0)),
             fmt::format("GRANT {} TO the migration's role, or let it create in that schema.", rows.text(row, 1)),
             rows.str(row, 0)});
    }
    throw catalog::Refused(std::move(refusals));
}

Task<void> check_references(postgres::Connection& connection, Oid live) {
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(references_sql, live));
    if (rows.empty()) co_return;
    std::vector<catalog::Refusal> refusals;
    for (int row = 0; row < rows.rows(); ++row) {
        refusals.push_back(
            {fmt::format("a foreign key has to be made anew, and our role may not refer to its table: {}",
                         rows.text(row, 0)),
             fmt::format("GRANT REFERENCES ON {} TO {}.", rows.text(row, 1), rows.text(row, 2)), rows.str(row, 0)});
    }
    throw catalog::Refused(std::move(refusals));
}

Task<void> check_hidden_rows(postgres::Connection& connection, Oid live) {
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(hidden_rows_sql, live));
    if (rows.empty()) co_return;
    std::vector<catalog::Refusal> refusals;
    for (int row = 0; row < rows.rows(); ++row) {
        refusals.push_back(
            {fmt::format("{} could not be validated after the swap: row level security hides rows of {} "
                         "from our role",
                         rows.text(row, 0), rows.text(row, 1)),
             fmt::format("ALTER ROLE {} BYPASSRLS, or ALTER TABLE {} NO FORCE ROW LEVEL SECURITY for the "
                         "time of the migration.",
                         rows.text(row, 2), rows.text(row, 1)),
             rows.str(row, 0)});
    }
    throw catalog::Refused(std::move(refusals));
}

}  // namespace

Task<void> check_rights(postgres::Connection& connection, Oid live) {
    co_await check_ownership(connection, live);
    co_await check_references(connection, live);
    co_await check_hidden_rows(connection, live);
}

}  // namespace pgwraith::carry
