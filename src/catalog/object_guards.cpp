#include "pgwraith/catalog/object_guards.h"

namespace pgwraith::catalog {

// A function in C can do anything; what an extension brings is taken for what it is in most databases.
Task<std::vector<ObjectGuard>> read_object_guards(postgres::Connection& connection) {
    const auto rows = co_await connection.query(R"sql(
SELECT quote_ident(e.evtname), format('%I.%I', n.nspname, p.proname), unnest(coalesce(nullif(e.evttags, '{}'), '{NULL}'))
  FROM pg_event_trigger e
  JOIN pg_proc p ON p.oid = e.evtfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
 WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN ('ddl_command_end', 'sql_drop')
   AND CASE WHEN l.lanname IN ('c', 'internal')
            THEN NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            ELSE p.prosrc ~* 'pg_event_trigger_(ddl_commands|dropped_objects)'
                 AND (l.lanname <> 'plpgsql'
                      OR p.prosrc ~* '\m(execute|assert|raise(?!\s+(notice|warning|info|log|debug)\M))\M') END
 ORDER BY e.evtname)sql");
    std::vector<ObjectGuard> guards;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto name = rows.str(row, 0);
        if (guards.empty() || guards.back().trigger.name != name) guards.push_back({{name, rows.str(row, 1)}, {}});
        if (!rows.is_null(row, 2)) guards.back().tags.push_back(rows.str(row, 2));
    }
    co_return guards;
}

}  // namespace pgwraith::catalog
