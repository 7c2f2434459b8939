#include "sequence_names.h"

#include <fmt/format.h>

namespace pgwraith::shadow {

namespace {

// An identity's sequence that is the counterpart of a live one takes its place, and its name, at the swap. A name
// that has no room for a number is left to the check for taken names.
constexpr const char* taken_sql = R"sql(
SELECT c.relname, min(i)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $3
  JOIN pg_namespace o ON o.nspname = $2
  JOIN pg_class taken ON taken.relnamespace = o.oid AND taken.relname = c.relname,
       generate_series(1, 99) AS i
 WHERE c.relkind = 'S' AND octet_length(c.relname) < 62
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = taken.oid AND d.deptype = 'i'
                      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid)
   AND NOT EXISTS (SELECT FROM pg_class x WHERE x.relnamespace IN (n.oid, o.oid) AND x.relname = c.relname || i::text)
 GROUP BY c.relname
 ORDER BY c.relname)sql";

}  // namespace

Task<void> number_sequence_names(postgres::Connection& connection, Oid live, QualifiedName live_name,
                                 std::string shadow_schema) {
    const postgres::Result rows =
        co_await connection.query(taken_sql, postgres::params(std::to_string(live), live_name.schema, shadow_schema));
    for (int row = 0; row < rows.rows(); ++row) {
        const QualifiedName name{shadow_schema, rows.str(row, 0)};
        co_await connection.script(
            fmt::format("ALTER SEQUENCE {} RENAME TO {}", name.sql(), quote_identifier(name.name + rows.str(row, 1))));
    }
}

}  // namespace pgwraith::shadow
