// What the swap will want from the server that our role, or this version, may be refused: found before anything is
// made.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "attached.h"
#include "pgwraith/base/error.h"
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
 WHERE k.contype = 'f' AND k.confrelid = $table AND k.conparentid = 0 AND NOT pg_has_role(c.relowner, 'USAGE')
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

// NOT VALID exists there from version 18 on.
constexpr std::string_view partitioned_sql = R"sql(
SELECT format('foreign key %I of partitioned table %s', k.conname, c.oid::regclass)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'f' AND k.confrelid = $table AND k.conparentid = 0 AND c.relkind = 'p'
 ORDER BY 1)sql";

constexpr int not_valid_on_partitioned = 180000;

// The server gives each of them a phrase; together they make one message.
std::string all_of(const postgres::Result& rows, int column) {
    std::vector<std::string> texts;
    for (int row = 0; row < rows.rows(); ++row) {
        auto text = rows.str(row, column);
        if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

Task<void> check_ownership(postgres::Connection& connection, Oid live) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(not_ours_sql, live));
    if (rows.empty()) co_return;
    throw Error(ErrorKind::refused, fmt::format("the swap has to alter what our role may not: {}", all_of(rows, 0)),
                fmt::format("GRANT {} TO the migration's role, or let it create in that schema.", all_of(rows, 1)));
}

Task<void> check_references(postgres::Connection& connection, Oid live) {
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(references_sql, live));
    if (rows.empty()) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("foreign keys have to be made anew, and our role may not refer to their tables: {}",
                            all_of(rows, 0)),
                fmt::format("GRANT REFERENCES ON {} TO {}.", all_of(rows, 1), rows.text(0, 2)));
}

Task<void> check_partitioned_children(postgres::Connection& connection, Oid live) {
    if (connection.server_version() >= not_valid_on_partitioned) co_return;
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(partitioned_sql, live));
    if (rows.empty()) co_return;
    throw Error(
        ErrorKind::refused,
        fmt::format(
            "keys to the table cannot be added again without reading a whole partitioned table under a lock: {}",
            all_of(rows, 0)),
        "Drop them before the migration and add them again afterwards.");
}

}  // namespace

Task<void> check_rights(postgres::Connection& connection, Oid live) {
    co_await check_ownership(connection, live);
    co_await check_references(connection, live);
    co_await check_partitioned_children(connection, live);
}

}  // namespace pgwraith::carry
