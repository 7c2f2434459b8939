// Names that the swap needs in the live table's schema.
#include <fmt/format.h>

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

Task<std::optional<std::string>> find_taken_name(postgres::Connection& connection, catalog::Table live,
                                                 std::string shadow_schema) {
    const auto taken = co_await connection.query(
        // pgwraith_key is dropped before the shadow moves.
        "WITH parts (name, kind) AS ("
        "  SELECT relname, 'relation' FROM pg_class WHERE relnamespace = to_regnamespace($1)::oid AND relname <> $3 "
        "     AND relname <> 'pgwraith_key' "
        "  UNION ALL SELECT stxname, 'statistics' FROM pg_statistic_ext WHERE stxnamespace = to_regnamespace($1)::oid "
        "     AND stxname NOT IN (SELECT stxname FROM pg_statistic_ext WHERE stxrelid = $4::oid)), "
        "others (name, kind, what) AS ("
        "  SELECT c.relname, 'relation', CASE c.relkind WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'v' THEN "
        "'view' "
        "         WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'type' ELSE 'table' END FROM pg_class c "
        "   WHERE c.relnamespace = to_regnamespace($2)::oid "
        "     AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = c.oid AND i.indrelid = $4::oid) "
        "     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid "
        "       AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $4::oid AND d.deptype IN ('a', 'i')) "
        "  UNION ALL SELECT stxname, 'statistics', 'statistics object' FROM pg_statistic_ext "
        "   WHERE stxnamespace = to_regnamespace($2)::oid AND stxrelid <> $4::oid) "
        "SELECT p.name, o.what FROM parts p JOIN others o USING (name, kind) ORDER BY 1 LIMIT 1",
        postgres::params(quote_identifier(shadow_schema), quote_identifier(live.name.schema), live.name.name,
                         std::to_string(live.oid)));
    if (taken.empty()) co_return std::nullopt;
    co_return fmt::format("the name {} is taken in schema {} by another {}", taken.text(0, 0), live.name.schema,
                          taken.text(0, 1));
}

}  // namespace pgwraith::shadow
