#include "pgwraith/catalog/object_guards.h"

namespace pgwraith::catalog {

// The function of an event trigger and those that it calls, as far as their names stand in their texts, count together.
// One in C can do anything; what an extension brings is taken for what it is in most databases.
Task<std::vector<ObjectGuard>> read_object_guards(postgres::Connection& connection) {
    const auto rows = co_await connection.query(R"sql(
WITH RECURSIVE texts (oid, name, text, language) AS MATERIALIZED (
  SELECT p.oid, '(^|[^[:alnum:]_])' || regexp_replace(p.proname, '([^[:alnum:]_])', '\\\1', 'g') || '"?\s*\(',
         p.prosrc, l.lanname
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
   WHERE l.lanname NOT IN ('c', 'internal') AND p.pronamespace <> 'pg_catalog'::regnamespace
     AND EXISTS (SELECT FROM pg_event_trigger)
),
called (trigger, oid) AS (
  SELECT e.oid, e.evtfoid FROM pg_event_trigger e
  UNION
  SELECT c.trigger, h.oid FROM called c JOIN texts t ON t.oid = c.oid JOIN texts h ON t.text ~* h.name
),
suspects (trigger) AS (
  SELECT c.trigger FROM called c JOIN texts t ON t.oid = c.oid
   GROUP BY c.trigger
  HAVING bool_or(t.text ~* 'pg_event_trigger_(ddl_commands|dropped_objects)')
     AND bool_or(t.language NOT IN ('plpgsql', 'sql')
                 OR t.text ~* '\m(execute|assert|raise(?!\s+(notice|warning|info|log|debug)\M))\M')
)
SELECT quote_ident(e.evtname), format('%I.%I', n.nspname, p.proname), unnest(coalesce(nullif(e.evttags, '{}'), '{NULL}'))
  FROM pg_event_trigger e
  JOIN pg_proc p ON p.oid = e.evtfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
 WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN ('ddl_command_end', 'sql_drop')
   AND CASE WHEN l.lanname IN ('c', 'internal')
            THEN NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            ELSE e.oid IN (SELECT trigger FROM suspects) END
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
