#include "pgwraith/catalog/fingerprint.h"

#include <fmt/format.h>

#include "dependents.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

// What the dependents are, without their names.
constexpr std::string_view objects_sql = R"sql(
SELECT (SELECT array_agg(DISTINCT o.objid) FROM (
          SELECT objid FROM own
          UNION ALL SELECT objid FROM dependents WHERE kind NOT IN ('sequence_use', 'row_security')
        ) AS o)::text,
       coalesce((SELECT array_agg(DISTINCT n.oid) FROM (
          SELECT k.conrelid AS oid FROM pg_constraint k JOIN classified c ON c.objid = k.oid AND c.kind LIKE 'foreign_key%'
          UNION ALL
          SELECT k.confrelid FROM pg_constraint k JOIN classified c ON c.objid = k.oid AND c.kind LIKE 'foreign_key%'
          UNION ALL
          SELECT c.relation FROM classified c WHERE c.kind IN ('rule', 'foreign_policy')
        ) AS n WHERE n.oid <> $table), '{}')::text)sql";

// A row that a transaction writes anew has another xmin and another ctid; one that is written in place (by VACUUM,
// ANALYZE, CREATE INDEX) keeps them. Whatever begins to hang on one of the objects leaves a row in pg_depend; what only
// sessions have for themselves does not count. Invalid indexes are not there.
constexpr std::string_view versions_sql = R"sql(
SELECT v.catalog, hashtextextended(string_agg(v.row, ' ' ORDER BY v.row), 0)::text FROM (
  SELECT 'pg_class', xmin || ' ' || ctid FROM pg_class WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_class', concat_ws(' ', c.relname, n.nspname, c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($neighbours) AND c.oid <> ALL ($objects)
  UNION ALL SELECT 'pg_namespace', n.xmin || ' ' || n.ctid
    FROM pg_namespace n WHERE n.oid IN (SELECT c.relnamespace FROM pg_class c WHERE c.oid = ANY ($objects))
  UNION ALL SELECT 'pg_attribute', xmin || ' ' || ctid FROM pg_attribute WHERE attrelid = ANY ($objects) AND attnum > 0
  UNION ALL SELECT 'pg_attrdef', xmin || ' ' || ctid FROM pg_attrdef WHERE adrelid = ANY ($objects)
  UNION ALL SELECT 'pg_constraint', xmin || ' ' || ctid FROM pg_constraint WHERE conrelid = ANY ($objects)
  UNION ALL SELECT 'pg_constraint', xmin || ' ' || ctid FROM pg_constraint WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_index', xmin || ' ' || ctid FROM pg_index WHERE indrelid = ANY ($objects) AND indisvalid AND indisready
  UNION ALL SELECT 'pg_trigger', xmin || ' ' || ctid FROM pg_trigger WHERE tgrelid = ANY ($objects)
  UNION ALL SELECT 'pg_rewrite', xmin || ' ' || ctid FROM pg_rewrite WHERE ev_class = ANY ($objects)
  UNION ALL SELECT 'pg_rewrite', xmin || ' ' || ctid FROM pg_rewrite WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_policy', xmin || ' ' || ctid FROM pg_policy WHERE polrelid = ANY ($objects)
  UNION ALL SELECT 'pg_policy', xmin || ' ' || ctid FROM pg_policy WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_proc', xmin || ' ' || ctid FROM pg_proc WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_type', xmin || ' ' || ctid FROM pg_type WHERE oid = ANY ($objects)
  UNION ALL SELECT 'pg_sequence', xmin || ' ' || ctid FROM pg_sequence WHERE seqrelid = ANY ($objects)
  UNION ALL SELECT 'pg_statistic_ext', xmin || ' ' || ctid FROM pg_statistic_ext WHERE stxrelid = ANY ($objects)
  UNION ALL SELECT 'pg_publication_rel', pr.xmin || ' ' || pr.ctid FROM pg_publication_rel pr WHERE prrelid = ANY ($objects)
  UNION ALL SELECT 'pg_publication', p.xmin || ' ' || p.ctid
    FROM pg_publication_rel pr JOIN pg_publication p ON p.oid = pr.prpubid WHERE pr.prrelid = ANY ($objects)
  UNION ALL SELECT 'pg_publication_namespace', pn.xmin || ' ' || pn.ctid
    FROM pg_publication_namespace pn WHERE pnnspid = (SELECT relnamespace FROM pg_class WHERE oid = $table)
  UNION ALL SELECT 'pg_subscription_rel', xmin || ' ' || ctid FROM pg_subscription_rel WHERE srrelid = ANY ($objects)
  UNION ALL SELECT 'pg_inherits', i.xmin || ' ' || i.ctid
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE (i.inhparent = $table OR i.inhrelid = $table) AND c.relpersistence <> 't'
  UNION ALL SELECT 'pg_seclabel', xmin || ' ' || ctid FROM pg_seclabel WHERE objoid = ANY ($objects)
  UNION ALL SELECT 'pg_description', xmin || ' ' || ctid FROM pg_description WHERE objoid = ANY ($objects)
  UNION ALL SELECT 'pg_depend', d.xmin || ' ' || d.ctid
    FROM pg_depend d
    LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    LEFT JOIN pg_class c ON c.oid = coalesce(a.adrelid, w.ev_class, CASE d.classid WHEN 'pg_class'::regclass THEN d.objid END)
   WHERE d.refclassid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass, 'pg_proc'::regclass)
     AND d.refobjid = ANY ($objects) AND c.relpersistence IS DISTINCT FROM 't'
     AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = c.oid AND NOT (i.indisvalid AND i.indisready))
) AS v (catalog, row) GROUP BY v.catalog)sql";

void replace_all(std::string& text, std::string_view what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

std::string versions_of(const Fingerprint& fingerprint, Oid table) {
    std::string sql{versions_sql};
    replace_all(sql, "$objects", quote_literal(fingerprint.objects) + "::oid[]");
    replace_all(sql, "$neighbours", quote_literal(fingerprint.neighbours) + "::oid[]");
    return for_table(sql, table);
}

std::string prepared_name(const Fingerprint& fingerprint) {
    const auto digest = std::hash<std::string>{}(fingerprint.objects + fingerprint.neighbours);
    return fmt::format("pgwraith_fingerprint_{}_{:x}", fingerprint.table, digest);
}

std::map<std::string, std::string> versions_from(const postgres::Result& rows) {
    std::map<std::string, std::string> versions;
    for (int row = 0; row < rows.rows(); ++row) versions.emplace(rows.str(row, 0), rows.str(row, 1));
    return versions;
}

}  // namespace

Task<Fingerprint> take_fingerprint(postgres::Connection& connection, Oid table) {
    const std::string sql = fmt::format("WITH RECURSIVE {} {}", dependents_cte(), objects_sql);
    const postgres::Result found = co_await query_qualified(connection, for_table(sql, table));
    Fingerprint fingerprint;
    fingerprint.table = table;
    fingerprint.objects = found.str(0, 0);
    fingerprint.neighbours = found.str(0, 1);
    const postgres::Result rows = co_await query_qualified(connection, versions_of(fingerprint, table));
    fingerprint.versions = versions_from(rows);
    co_return fingerprint;
}

Task<void> prepare_changed_since(postgres::Connection& connection, Fingerprint fingerprint) {
    const postgres::Result known = co_await connection.query(
        "SELECT FROM pg_catalog.pg_prepared_statements WHERE name = $1", postgres::params(prepared_name(fingerprint)));
    if (!known.empty()) co_return;
    co_await query_qualified(connection, fmt::format("PREPARE {} AS {}", prepared_name(fingerprint),
                                                     versions_of(fingerprint, fingerprint.table)));
}

Task<std::string> changed_since(postgres::Connection& connection, Fingerprint fingerprint) {
    co_await prepare_changed_since(connection, fingerprint);
    co_return co_await changed_since_prepared(connection, fingerprint);
}

Task<std::string> changed_since_prepared(postgres::Connection& connection, Fingerprint fingerprint) {
    const postgres::Result rows = co_await query_qualified(connection, "EXECUTE " + prepared_name(fingerprint));
    auto versions = versions_from(rows);
    std::string changed;
    auto name = [&](const std::string& catalog) {
        if (!changed.empty()) changed += ", ";
        changed += catalog;
    };
    for (const auto& [catalog, version] : fingerprint.versions) {
        const auto now = versions.find(catalog);
        if (now == versions.end() || now->second != version) name(catalog);
    }
    for (const auto& [catalog, version] : versions) {
        if (!fingerprint.versions.contains(catalog)) name(catalog);
    }
    co_return changed;
}

}  // namespace pgwraith::catalog
