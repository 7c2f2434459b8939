#include "security_labels.h"

#include <fmt/format.h>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::shadow {

namespace {

// The sequence of a serial keeps its OID, and with it its labels.
constexpr std::string_view labels_sql = R"sql(
SELECT l.provider, l.label, i.type || ' ' || i.identity,
       CASE WHEN l.classoid = 'pg_type'::regclass THEN 'TYPE' WHEN c.relkind = 'S' THEN 'SEQUENCE'
            WHEN l.objsubid > 0 THEN 'COLUMN' ELSE 'TABLE' END,
       CASE WHEN c.relkind = 'S' THEN quote_ident(c.relname) WHEN l.objsubid > 0 THEN '.' || quote_ident(a.attname)
            WHEN y.typelem <> 0 THEN '[]' ELSE '' END
  FROM pg_class t
  JOIN pg_type r ON r.oid = t.reltype
  JOIN pg_seclabel l
    ON (l.classoid = 'pg_type'::regclass AND l.objoid IN (r.oid, r.typarray))
    OR (l.classoid = 'pg_class'::regclass
        AND (l.objoid = t.oid
             OR l.objoid IN (SELECT d.objid FROM pg_depend d
                              WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                                AND d.refobjid = t.oid AND d.refobjsubid > 0 AND d.deptype = 'i')))
  LEFT JOIN pg_class c ON l.classoid = 'pg_class'::regclass AND c.oid = l.objoid
  LEFT JOIN pg_attribute a ON c.oid = t.oid AND a.attrelid = c.oid AND a.attnum = l.objsubid AND l.objsubid > 0
  LEFT JOIN pg_type y ON l.classoid = 'pg_type'::regclass AND y.oid = l.objoid,
       LATERAL pg_identify_object(l.classoid, l.objoid, l.objsubid) AS i
 WHERE t.oid = $table
 ORDER BY 4, 3, 1)sql";

}  // namespace

Task<void> give_security_labels(postgres::Connection& connection, catalog::Table live, QualifiedName shadow) {
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(labels_sql, live.oid));
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string kind = rows.str(row, 3);
        std::string object = shadow.sql() + rows.str(row, 4);
        if (kind == "SEQUENCE") object = quote_identifier(shadow.schema) + "." + rows.str(row, 4);
        const std::string sql = fmt::format("SECURITY LABEL FOR {} ON {} {} IS {}", quote_identifier(rows.text(row, 0)),
                                            kind, object, quote_literal(rows.text(row, 1)));
        const auto failure = co_await postgres::try_script(connection, sql);
        if (!failure) continue;
        throw Error(ErrorKind::refused,
                    fmt::format("the security label of {} on {} cannot be given to the new table: {}",
                                rows.text(row, 0), rows.text(row, 2), failure->message()),
                    "Its provider must be loaded in our sessions (shared_preload_libraries, or "
                    "session_preload_libraries of role or database) and let our role set it; or remove the label "
                    "(SECURITY LABEL … IS NULL) and set it again afterwards.");
    }
}

}  // namespace pgwraith::shadow
