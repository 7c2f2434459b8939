#include "view_graph.h"

#include <algorithm>
#include <map>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::carry {

namespace {

using catalog::for_table;
using catalog::query_qualified;
using postgres::Connection;

// `reach`: the table, the views and functions. `refs`: the identities by which each of them is referred to. `links`:
// who refers to which. Temporary views and tables of whatever session are left out. A function is an end, since what
// uses it uses its OID, which stays; not so for one that takes or returns the table's rows (`renewed`).
constexpr std::string_view graph_cte = R"sql(
WITH RECURSIVE renewed (oid) AS MATERIALIZED (
  SELECT DISTINCT p.oid
    FROM pg_class c
    JOIN pg_type y ON y.oid = c.reltype
    JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (y.oid, y.typarray)
                    AND d.classid = 'pg_proc'::regclass
    JOIN pg_proc p ON p.oid = d.objid
    JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE c.oid = $table AND p.prokind <> 'a' AND n.nspname !~ '^pg_temp_'
     AND ARRAY[y.oid, y.typarray] && (p.prorettype || coalesce(p.proallargtypes, p.proargtypes::oid[]))
),
reach (classid, objid) AS (
  SELECT 'pg_class'::regclass::oid, $table::oid
  UNION
  SELECT x.classid, x.objid
    FROM reach r
    LEFT JOIN pg_class c ON r.classid = 'pg_class'::regclass AND c.oid = r.objid
    LEFT JOIN pg_type y ON y.oid = c.reltype
    LEFT JOIN renewed f ON r.classid = 'pg_proc'::regclass AND f.oid = r.objid,
         LATERAL (
           SELECT CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END AS classid,
                  coalesce(w.ev_class, d.objid) AS objid
             FROM (VALUES ('pg_class'::regclass::oid, c.oid), ('pg_type'::regclass, y.oid), ('pg_type'::regclass, y.typarray),
                          ('pg_proc'::regclass, f.oid)) AS v (classid, objid)
             JOIN pg_depend d ON d.refclassid = v.classid AND d.refobjid = v.objid
             LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
             LEFT JOIN pg_class wc ON wc.oid = w.ev_class
             LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
             LEFT JOIN pg_namespace pn ON pn.oid = p.pronamespace
            WHERE (w.oid IS NOT NULL AND w.ev_class IS DISTINCT FROM c.oid AND wc.relpersistence <> 't')
               OR ((p.prosqlbody IS NOT NULL OR (p.prokind <> 'a' AND (c.oid = $table OR f.oid IS NOT NULL)))
                   AND pn.nspname !~ '^pg_temp_')
         ) AS x
),
nodes AS MATERIALIZED (
  SELECT r.classid, r.objid FROM reach r LEFT JOIN pg_class c ON r.classid = 'pg_class'::regclass AND c.oid = r.objid
   WHERE r.objid <> $table AND (c.oid IS NULL OR c.relkind IN ('v', 'm'))
),
refs AS MATERIALIZED (
  SELECT c.oid AS relation, v.classid, v.objid
    FROM reach r
    JOIN pg_class c ON r.classid = 'pg_class'::regclass AND c.oid = r.objid
    LEFT JOIN pg_type y ON y.oid = c.reltype,
         LATERAL (VALUES ('pg_class'::regclass::oid, c.oid), ('pg_type'::regclass, y.oid), ('pg_type'::regclass, y.typarray))
           AS v (classid, objid)
  UNION ALL
  SELECT f.oid, 'pg_proc'::regclass, f.oid FROM renewed f
),
links AS MATERIALIZED (
  SELECT DISTINCT f.relation, d.refobjsubid AS attnum, d.classid AS by_class, d.objid AS by_oid, w.rulename, d.deptype,
         CASE WHEN w.rulename = '_RETURN' THEN 'pg_class'::regclass::oid ELSE d.classid END AS classid,
         CASE WHEN w.rulename = '_RETURN' THEN w.ev_class ELSE d.objid END AS objid, w.ev_class
    FROM refs f
    JOIN pg_depend d ON d.refclassid = f.classid AND d.refobjid = f.objid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
    LEFT JOIN pg_class r ON r.oid = coalesce(w.ev_class, a.adrelid, CASE d.classid WHEN 'pg_class'::regclass THEN d.objid END)
   WHERE r.relpersistence IS DISTINCT FROM 't'
))sql";

constexpr std::string_view views_sql = R"sql(
SELECT c.oid, c.relkind, n.nspname, c.relname, i.type || ' ' || i.identity, pg_has_role(c.relowner, 'USAGE'),
       EXISTS (SELECT FROM pg_attribute a JOIN refs f ON f.relation = $table AND f.classid = 'pg_type'::regclass
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid = f.objid),
       concat(CASE WHEN c.relkind = 'm' THEN format(' USING %I', am.amname) END,
              ' WITH (' || (SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
                              FROM unnest(c.reloptions) AS o) || ')',
              ' TABLESPACE ' || quote_ident(s.spcname)),
       rtrim(pg_get_viewdef(c.oid), E'; \n'), CASE WHEN c.relkind = 'm' THEN ' WITH NO DATA' ELSE '' END, '',
       format('ALTER %s %I.%I OWNER TO %I', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END,
              n.nspname, c.relname, pg_get_userbyid(c.relowner)),
       CASE WHEN c.relkind = 'm' AND c.relispopulated THEN format('REFRESH MATERIALIZED VIEW %I.%I', n.nspname, c.relname) END, false,
       has_schema_privilege(n.oid, 'CREATE'),
       pg_get_userbyid(c.relowner) = current_user OR has_schema_privilege(c.relowner, n.oid, 'CREATE')
         OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), pg_get_userbyid(c.relowner)
  FROM nodes x
  JOIN pg_class c ON x.classid = 'pg_class'::regclass AND c.oid = x.objid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace,
       LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS i
UNION ALL
SELECT p.oid, 'f', n.nspname, p.proname, i.type || ' ' || i.identity, pg_has_role(p.proowner, 'USAGE'),
       p.oid IN (SELECT f.oid FROM renewed f), '', rtrim(pg_get_functiondef(p.oid), E'; \n'),
       coalesce((SELECT string_agg(format('; ALTER %s %s DEPENDS ON EXTENSION %I', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                                          p.oid::regprocedure, e.extname), '')
                   FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'x'), ''),
       format('CREATE OR REPLACE %s %I.%I(%s) %s LANGUAGE sql AS %L',
              CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname,
              pg_get_function_arguments(p.oid), 'RETURNS ' || pg_get_function_result(p.oid), ''),
       format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), NULL, coalesce(p.prosqlbody::text ~ ':(commandType [2345]|hasForUpdate true)', false),
       has_schema_privilege(n.oid, 'CREATE'),
       pg_get_userbyid(p.proowner) = current_user OR has_schema_privilege(p.proowner, n.oid, 'CREATE')
         OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), pg_get_userbyid(p.proowner)
  FROM nodes x
  JOIN pg_proc p ON x.classid = 'pg_proc'::regclass AND p.oid = x.objid
  JOIN pg_namespace n ON n.oid = p.pronamespace,
       LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i)sql";

constexpr std::string_view links_sql = R"sql(
SELECT l.objid, l.relation, l.attnum FROM links l JOIN nodes x USING (classid, objid) WHERE l.relation <> l.objid)sql";

// Would keep DROP VIEW from working: what is neither the view's own nor in the graph.
constexpr std::string_view in_the_way_sql = R"sql(
SELECT DISTINCT l.relation, i.type || ' ' || i.identity
  FROM links l
  LEFT JOIN pg_proc p ON l.by_class = 'pg_proc'::regclass AND p.oid = l.by_oid,
       LATERAL pg_identify_object(l.by_class, l.by_oid, 0) AS i
 WHERE l.relation <> $table AND l.deptype = 'n' AND l.ev_class IS DISTINCT FROM l.relation
   AND NOT EXISTS (SELECT FROM renewed f WHERE f.oid = l.relation)
   AND (NOT EXISTS (SELECT FROM nodes x WHERE x.classid = l.classid AND x.objid = l.objid)
        OR p.prorettype IN (SELECT f.objid FROM refs f WHERE f.relation = l.relation)
        OR EXISTS (SELECT FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) AS t (oid)
                     JOIN refs f ON f.relation = l.relation AND f.objid = t.oid))
   AND coalesce(i.schema, '') !~ '^pg_temp(_|$)')sql";

// All that a view loses when it is dropped, as statements in order, with the column that they need. $view is its name
// there: its own, or its stand-in's.
constexpr std::string_view hangs_on_sql = R"sql(
, v AS (
  SELECT c.oid, c.relkind, c.relowner, c.relacl, c.relnamespace, $view AS name,
         CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END AS what
    FROM nodes x JOIN pg_class c ON x.classid = 'pg_class'::regclass AND c.oid = x.objid
    JOIN pg_namespace n ON n.oid = c.relnamespace
)
SELECT oid, n, coalesce(attname, ''), sql FROM (
  SELECT v.oid, 10, NULL::name, format('REVOKE ALL ON %s FROM %s', v.name,
                           CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END)
    FROM v JOIN pg_default_acl a ON a.defaclobjtype = 'r' AND a.defaclnamespace IN (0, v.relnamespace)
                                AND a.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user),
         LATERAL (SELECT DISTINCT grantee FROM aclexplode(a.defaclacl)) AS e
   WHERE e.grantee <> a.defaclrole
  UNION ALL
  SELECT v.oid, 20, NULL, format('ALTER %s %s OWNER TO %I', v.what, v.name, pg_get_userbyid(v.relowner))
    FROM v WHERE pg_get_userbyid(v.relowner) <> current_user
  UNION ALL
  SELECT v.oid, 30, NULL, format('REVOKE ALL ON %s FROM %I', v.name, pg_get_userbyid(v.relowner))
    FROM v WHERE v.relacl IS NOT NULL
  UNION ALL
  SELECT v.oid, 40 + row_number() OVER (ORDER BY g.attname IS NOT NULL, g.n), g.attname,
         concat(CASE WHEN g.grantor <> v.relowner THEN format('SET LOCAL ROLE %I; ', pg_get_userbyid(g.grantor)) END,
           format('GRANT %s ON %s TO %s%s', g.privileges, v.name,
                  CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                  CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
           CASE WHEN g.grantor <> v.relowner THEN '; RESET ROLE' END)
    FROM v, LATERAL (
      SELECT e.grantor, e.grantee, e.is_grantable, NULL::name AS attname, min(e.n) AS n,
             string_agg(e.privilege_type, ', ' ORDER BY e.n) AS privileges
        FROM aclexplode(v.relacl) WITH ORDINALITY AS e (grantor, grantee, privilege_type, is_grantable, n)
       GROUP BY 1, 2, 3
      UNION ALL
      SELECT e.grantor, e.grantee, e.is_grantable, a.attname, a.attnum * 100 + min(e.n),
             string_agg(format('%s (%I)', e.privilege_type, a.attname), ', ' ORDER BY e.n)
        FROM pg_attribute a,
             aclexplode(a.attacl) WITH ORDINALITY AS e (grantor, grantee, privilege_type, is_grantable, n)
       WHERE a.attrelid = v.oid AND a.attnum > 0
       GROUP BY 1, 2, 3, a.attname, a.attnum
    ) AS g
  UNION ALL
  SELECT v.oid, 100000, NULL, format('COMMENT ON %s %s IS %L', v.what, v.name, obj_description(v.oid, 'pg_class'))
    FROM v WHERE obj_description(v.oid, 'pg_class') IS NOT NULL
  UNION ALL
  SELECT v.oid, 100001, a.attname,
         format('COMMENT ON COLUMN %s.%I IS %L', v.name, a.attname, col_description(v.oid, a.attnum))
    FROM v JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND col_description(v.oid, a.attnum) IS NOT NULL
  UNION ALL
  SELECT v.oid, 100002, a.attname,
         format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', v.name, a.attname, pg_get_expr(d.adbin, d.adrelid))
    FROM v JOIN pg_attrdef d ON d.adrelid = v.oid JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum = d.adnum
  UNION ALL
  SELECT v.oid, 100003, a.attname,
         format('SECURITY LABEL FOR %I ON %s %s%s IS %L', l.provider,
                CASE WHEN l.objsubid > 0 THEN 'COLUMN' ELSE v.what END, v.name, '.' || quote_ident(a.attname), l.label)
    FROM v JOIN pg_seclabel l ON l.classoid = 'pg_class'::regclass AND l.objoid = v.oid
    LEFT JOIN pg_attribute a ON l.objsubid > 0 AND a.attrelid = v.oid AND a.attnum = l.objsubid
  UNION ALL
  SELECT v.oid, 100004, a.attname, concat_ws('; ',
           format('ALTER MATERIALIZED VIEW %s ALTER %I SET STATISTICS ', v.name, a.attname) || nullif(a.attstattarget, -1),
           format('ALTER MATERIALIZED VIEW %s ALTER %I SET ', v.name, a.attname) ||
             (SELECT '(' || string_agg(o, ', ') || ')' FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg_attver=%'),
           CASE WHEN a.attstorage <> y.typstorage THEN format('ALTER MATERIALIZED VIEW %s ALTER %I SET STORAGE %s', v.name, a.attname,
             CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
           CASE WHEN a.attcompression <> '' THEN format('ALTER MATERIALIZED VIEW %s ALTER %I SET COMPRESSION %s', v.name, a.attname,
             CASE a.attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END) END)
    FROM v JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid WHERE v.relkind = 'm'
  UNION ALL
  SELECT v.oid, 100005, NULL, format('ALTER MATERIALIZED VIEW %s SET (%s)', v.name,
           (SELECT string_agg('toast.' || o, ', ') FROM unnest(t.reloptions) AS o))
    FROM v JOIN pg_class c ON c.oid = v.oid JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
  UNION ALL
  SELECT v.oid, 100010, NULL, concat(regexp_replace(pg_get_ruledef(w.oid), '^CREATE RULE', 'CREATE OR REPLACE RULE'),
           CASE w.ev_enabled WHEN 'D' THEN format(' ALTER TABLE %s DISABLE RULE %I;', v.name, w.rulename)
                             WHEN 'R' THEN format(' ALTER TABLE %s ENABLE REPLICA RULE %I;', v.name, w.rulename)
                             WHEN 'A' THEN format(' ALTER TABLE %s ENABLE ALWAYS RULE %I;', v.name, w.rulename) END,
           format(' COMMENT ON RULE %I ON %s IS %L', w.rulename, v.name, obj_description(w.oid, 'pg_rewrite')))
    FROM v JOIN pg_rewrite w ON w.ev_class = v.oid AND w.rulename <> '_RETURN'
  UNION ALL
  SELECT v.oid, 100020, NULL, concat(pg_get_triggerdef(g.oid),
           '; COMMENT ON TRIGGER ' || quote_ident(g.tgname) || ' ON ' || v.name || ' IS '
             || quote_literal(obj_description(g.oid, 'pg_trigger')))
    FROM v JOIN pg_trigger g ON g.tgrelid = v.oid AND NOT g.tgisinternal
  UNION ALL
  SELECT v.oid, 100030, NULL, concat(pg_get_indexdef(i.indexrelid),
           CASE WHEN i.indisclustered THEN format('; ALTER MATERIALIZED VIEW %s CLUSTER ON %I', v.name, c.relname) END,
           '; COMMENT ON INDEX ' || format('%I.%I', n.nspname, c.relname) || ' IS '
             || quote_literal(obj_description(c.oid, 'pg_class')),
           format('; ALTER INDEX %I.%I SET TABLESPACE ', n.nspname, c.relname) || quote_ident(p.spcname),
           (SELECT string_agg(format('; ALTER INDEX %I.%I ALTER %s SET STATISTICS %s', n.nspname, c.relname, a.attnum, a.attstattarget), '')
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0))
    FROM v JOIN pg_index i ON i.indrelid = v.oid JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_tablespace p ON p.oid = c.reltablespace
  UNION ALL
  SELECT v.oid, 100040, NULL, concat($statistics,
           format('; ALTER STATISTICS %I.%I SET STATISTICS ', n.nspname, s.stxname) || nullif(s.stxstattarget, -1),
           format('; COMMENT ON STATISTICS %I.%I IS ', n.nspname, s.stxname) || quote_literal(obj_description(s.oid, 'pg_statistic_ext')),
           CASE WHEN pg_get_userbyid(s.stxowner) <> current_user
                THEN format('; ALTER STATISTICS %I.%I OWNER TO %I', n.nspname, s.stxname, pg_get_userbyid(s.stxowner)) END)
    FROM v JOIN pg_statistic_ext s ON s.stxrelid = v.oid JOIN pg_namespace n ON n.oid = s.stxnamespace
) AS s (oid, n, attname, sql) WHERE sql <> '' ORDER BY oid, n, sql)sql";

// The same of a function that takes or returns the table's rows.
constexpr std::string_view hangs_on_function_sql = R"sql(
, f AS (
  SELECT p.oid, p.proowner, p.proacl, p.pronamespace,
         format('ROUTINE %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name
    FROM renewed x JOIN pg_proc p ON p.oid = x.oid JOIN pg_namespace n ON n.oid = p.pronamespace
),
defaults AS (
  SELECT f.oid, e.grantee
    FROM f JOIN pg_default_acl a ON a.defaclobjtype = 'f' AND a.defaclnamespace IN (0, f.pronamespace)
                                AND a.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user),
         LATERAL (SELECT DISTINCT grantee FROM aclexplode(a.defaclacl) WHERE grantee <> a.defaclrole UNION SELECT 0) AS e
)
SELECT oid, sql FROM (
  SELECT f.oid, 10, format('REVOKE ALL ON %s FROM %s', f.name,
                           CASE d.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(d.grantee)) END)
    FROM f JOIN (SELECT DISTINCT * FROM defaults) AS d USING (oid)
  UNION ALL
  SELECT f.oid, 20, format('ALTER %s OWNER TO %I', f.name, pg_get_userbyid(f.proowner))
    FROM f WHERE pg_get_userbyid(f.proowner) <> current_user
  UNION ALL
  SELECT f.oid, 30, format('REVOKE ALL ON %s FROM PUBLIC, %I', f.name, pg_get_userbyid(f.proowner))
    FROM f WHERE f.proacl IS NOT NULL
  UNION ALL
  SELECT f.oid, 30, format('GRANT EXECUTE ON %s TO PUBLIC, %I', f.name, pg_get_userbyid(f.proowner))
    FROM f WHERE f.proacl IS NULL AND EXISTS (SELECT FROM defaults d WHERE d.oid = f.oid)
  UNION ALL
  SELECT f.oid, 40 + e.n,
         concat(CASE WHEN e.grantor <> f.proowner THEN format('SET LOCAL ROLE %I; ', pg_get_userbyid(e.grantor)) END,
           format('GRANT EXECUTE ON %s TO %s%s', f.name,
                  CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END,
                  CASE WHEN e.is_grantable AND e.grantee <> f.proowner THEN ' WITH GRANT OPTION' ELSE '' END),
           CASE WHEN e.grantor <> f.proowner THEN '; RESET ROLE' END)
    FROM f, aclexplode(f.proacl) WITH ORDINALITY AS e (grantor, grantee, privilege_type, is_grantable, n)
  UNION ALL
  SELECT f.oid, 100000, format('COMMENT ON %s IS %L', f.name, obj_description(f.oid, 'pg_proc'))
    FROM f WHERE obj_description(f.oid, 'pg_proc') IS NOT NULL
  UNION ALL
  SELECT f.oid, 100001, format('SECURITY LABEL FOR %I ON %s IS %L', l.provider, f.name, l.label)
    FROM f JOIN pg_seclabel l ON l.classoid = 'pg_proc'::regclass AND l.objoid = f.oid
) AS s (oid, n, sql) ORDER BY oid, n, sql)sql";

// What follows that names it in the server's own words.
constexpr int first_in_servers_words = 100010;

// What is referred to first; equal ones by name, so that two runs agree.
std::vector<ViewNode> in_order(std::vector<ViewNode> nodes) {
    std::ranges::sort(nodes, {}, [](const ViewNode& node) { return std::tie(node.name, node.oid); });
    std::vector<ViewNode> ordered;
    std::set<Oid> done;
    while (ordered.size() < nodes.size()) {
        const auto before = ordered.size();
        for (auto& node : nodes) {
            if (done.contains(node.oid)) continue;
            if (!std::ranges::all_of(node.on, [&](Oid oid) { return done.contains(oid); })) continue;
            done.insert(node.oid);
            ordered.push_back(node);
        }
        ensure(ordered.size() > before, "views do not refer to each other in a circle");
    }
    return ordered;
}

// Of pg_class.relkind, or f for a function.
NodeKind node_kind(std::string_view letter) {
    if (letter == "v") return NodeKind::view;
    if (letter == "m") return NodeKind::materialized_view;
    ensure(letter == "f", "a node is a view, a materialized view or a function");
    return NodeKind::function;
}

Task<void> read_nodes(Connection& connection, Oid live, std::map<Oid, ViewNode>& nodes) {
    const postgres::Result rows =
        co_await query_qualified(connection, for_table(std::string(graph_cte) + std::string(views_sql), live));
    for (int row = 0; row < rows.rows(); ++row) {
        ViewNode node;
        node.oid = rows.oid(row, 0);
        node.kind = node_kind(rows.text(row, 1));
        node.name = {rows.str(row, 2), rows.str(row, 3)};
        node.identity = rows.str(row, 4);
        node.ours = rows.boolean(row, 5);
        node.row_type = rows.boolean(row, 6);
        node.head = rows.str(row, 7);
        node.definition = plan::in_same_words(rows.str(row, 8));
        node.tail = rows.str(row, 9);
        node.stub = rows.str(row, 10);
        (node.kind == NodeKind::function ? node.signature : node.lock) = rows.str(row, 11);
        if (!rows.is_null(row, 12)) node.then.push_back(rows.str(row, 12));
        node.writes = rows.boolean(row, 13);
        node.may_create = rows.boolean(row, 14);
        node.owner_may_create = rows.boolean(row, 15);
        node.owner = rows.str(row, 16);
        nodes.emplace(node.oid, std::move(node));
    }
}

}  // namespace

Task<std::map<Oid, std::vector<HangsOn>>> read_hangs_on(Connection& connection, Oid live, bool of_stand_ins) {
    std::string sql = std::string(graph_cte) + catalog::with_statistics(std::string(hangs_on_sql));
    const std::string mark = "$view";
    std::string name = "format('%I.%I', n.nspname, c.relname)";
    if (of_stand_ins) name = "format('%I.%I', 'pgwraith_new_$table', 'pgwraith_view_' || c.oid)";
    sql.replace(sql.find(mark), mark.size(), name);
    const postgres::Result rows = co_await query_qualified(connection, for_table(sql, live));
    std::map<Oid, std::vector<HangsOn>> parts;
    for (int row = 0; row < rows.rows(); ++row) {
        if (of_stand_ins && rows.int64(row, 1) >= first_in_servers_words) continue;
        HangsOn part{rows.str(row, 2), rows.str(row, 3)};
        while (!part.sql.empty() && (part.sql.back() == ';' || part.sql.back() == '\n' || part.sql.back() == ' ')) {
            part.sql.pop_back();
        }
        part.sql = plan::in_same_words(part.sql);
        parts[rows.oid(row, 0)].push_back(std::move(part));
    }
    co_return parts;
}

Task<std::vector<ViewNode>> read_views(Connection& connection, Oid live) {
    std::map<Oid, ViewNode> nodes;
    co_await read_nodes(connection, live, nodes);
    if (nodes.empty()) co_return std::vector<ViewNode>();

    const std::string cte(graph_cte);
    const postgres::Result links = co_await query_qualified(connection, for_table(cte + std::string(links_sql), live));
    for (int row = 0; row < links.rows(); ++row) {
        auto& node = nodes.at(links.oid(row, 0));
        const Oid relation = links.oid(row, 1);
        if (relation != live) {
            node.on.insert(relation);
            continue;
        }
        node.direct = true;
        const auto attnum = static_cast<int>(links.int64(row, 2));
        if (attnum > 0) node.columns.insert(attnum);
    }
    const postgres::Result obstacles =
        co_await query_qualified(connection, for_table(cte + std::string(in_the_way_sql), live));
    for (int row = 0; row < obstacles.rows(); ++row) {
        if (auto found = nodes.find(obstacles.oid(row, 0)); found != nodes.end()) {
            found->second.in_the_way.push_back(obstacles.str(row, 1));
        }
    }
    auto hangs_on = co_await read_hangs_on(connection, live, false);
    for (auto& [oid, parts] : hangs_on) nodes.at(oid).hangs_on = std::move(parts);
    const postgres::Result of_functions =
        co_await query_qualified(connection, for_table(cte + std::string(hangs_on_function_sql), live));
    for (int row = 0; row < of_functions.rows(); ++row) {
        nodes.at(of_functions.oid(row, 0)).hangs_on.push_back({{}, of_functions.str(row, 1)});
    }
    std::vector<ViewNode> list;
    for (auto& [oid, node] : nodes) list.push_back(std::move(node));
    co_return in_order(std::move(list));
}

}  // namespace pgwraith::carry
