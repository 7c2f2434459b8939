#include "dependents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

struct KindText {
    DependentKind kind;
    std::string_view sql_name;  // in dependents_cte()
    const char* name;
    const char* remedy;
};

constexpr const char* drop_first = "Drop it before the migration and create it again afterwards";

constexpr std::array kinds{
    KindText{DependentKind::foreign_key_from, "foreign_key_from", "foreign key of the table", drop_first},
    KindText{DependentKind::foreign_key_to, "foreign_key_to", "foreign key to the table", drop_first},
    KindText{DependentKind::view, "view", "view on the table", drop_first},
    KindText{DependentKind::materialized_view, "materialized_view", "materialized view on the table", drop_first},
    KindText{DependentKind::rule, "rule", "rule", drop_first},
    KindText{DependentKind::trigger, "trigger", "trigger", drop_first},
    KindText{DependentKind::policy, "policy", "policy", drop_first},
    KindText{DependentKind::foreign_policy, "foreign_policy", "policy of another table", drop_first},
    KindText{DependentKind::foreign_default, "foreign_default", "default of another table", drop_first},
    KindText{DependentKind::row_security, "row_security", "row level security",
             "ALTER TABLE … DISABLE ROW LEVEL SECURITY and NO FORCE ROW LEVEL SECURITY for the time of the migration, "
             "if the application can do without"},
    KindText{DependentKind::publication, "publication", "publication of the table",
             "Take the table out of the publication (ALTER PUBLICATION … DROP TABLE …) and add it again afterwards; "
             "its subscribers miss what happens in between"},
    KindText{DependentKind::schema_publication, "schema_publication", "publication of the table's schema",
             "Publish the schema's tables one by one without this one for the time of the migration"},
    KindText{DependentKind::function, "function", "function", drop_first},
    KindText{DependentKind::function_use, "function_use", "use of a function that takes or returns the table's rows",
             drop_first},
    KindText{DependentKind::aggregate, "aggregate", "aggregate over the table's rows", drop_first},
    KindText{DependentKind::row_type, "row_type", "use of the table's row type",
             "Replace the use of the table's row type by a composite type of its own (CREATE TYPE … AS …)"},
    KindText{
        DependentKind::partition, "partition", "partitioned table",
        "A partition alone cannot change its shape: its columns must be those of the partitioned table. To rebuild it "
        "as it is: ALTER TABLE … DETACH PARTITION … CONCURRENTLY, migrate it, ATTACH PARTITION"},
    KindText{
        DependentKind::inheritance, "inheritance", "inheritance",
        "Tables that inherit or are inherited from cannot be migrated; take it out first (ALTER TABLE … NO INHERIT …)"},
    KindText{DependentKind::index_extension, "index_extension", "extension that an index depends on", drop_first},
    KindText{DependentKind::extension, "extension", "extension that the table belongs to",
             "The extension changes its own tables: ALTER EXTENSION … DROP TABLE … takes this one out of it"},
    KindText{DependentKind::security_label, "security_label", "security label", drop_first},
    KindText{DependentKind::subscription, "subscription", "subscription into the table",
             "Take the table out of the subscription's publication, or migrate it at the publisher"},
    KindText{DependentKind::sequence_use, "sequence_use", "use of a sequence that the table owns",
             "Give the other object a sequence of its own"},
    KindText{DependentKind::identity_use, "identity_use", "use of an identity column's sequence",
             "The new table's identity has a sequence of its own: give the other object one too"},
    KindText{DependentKind::index_use, "index_use", "use of an index of the table by its OID ('…'::regclass)",
             "Write it without the index's name, or drop it before the migration and create it again afterwards"},
    KindText{DependentKind::unknown, "unknown", "dependency of an unknown kind", drop_first},
};

const KindText& text_of(DependentKind kind) {
    const auto found = std::ranges::find(kinds, kind, &KindText::kind);
    ensure(found != kinds.end(), "a kind of dependent without a text");
    return *found;
}

// `own` is the table with all its parts. Whatever pg_depend shows to depend on one of these without being one
// itself is a dependent. pg_identify_object() is used because, unlike pg_describe_object(), it is not translated.
//
// Two edges need care: internal triggers belong to a foreign key or constraint, which is listed itself; and what
// depends on nothing of ours but the row type (or an owned sequence) is something else than a view on the table.
//
// A session's temporary objects (tables with a default on our sequence, views, functions in pg_temp) are none: they go
// with the session, which found the table under its name when it made them.
constexpr std::string_view cte = R"sql(
own (classid, objid) AS MATERIALIZED (
  SELECT 'pg_class'::regclass::oid, $table::oid
  UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = $table
  UNION ALL SELECT 'pg_class'::regclass, reltoastrelid FROM pg_class WHERE oid = $table AND reltoastrelid <> 0
  UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = $table AND contype <> 'f'
  UNION ALL SELECT 'pg_type'::regclass, reltype FROM pg_class WHERE oid = $table AND reltype <> 0
  UNION ALL SELECT 'pg_type'::regclass, y.typarray FROM pg_class c JOIN pg_type y ON y.oid = c.reltype
             WHERE c.oid = $table AND y.typarray <> 0
  UNION ALL SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE adrelid = $table
  UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxrelid = $table
  UNION ALL SELECT 'pg_class'::regclass, c.oid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
             WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
               AND d.refobjid = $table AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
),
ours (oid) AS MATERIALIZED (
  SELECT oid FROM pg_namespace
   WHERE nspname IN ('pgwraith_new_$table', 'pgwraith_old_$table') OR nspname LIKE 'pg\_temp\_%'
),
edges (classid, objid, only_row_type, only_sequence, identity, index) AS MATERIALIZED (
  SELECT d.classid, d.objid, bool_and(o.classid = 'pg_type'::regclass), bool_and(coalesce(s.relkind = 'S', false)),
         bool_or(coalesce(s.relkind = 'S', false) AND EXISTS (
           SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = s.oid AND i.deptype = 'i')),
         bool_or(coalesce(s.relkind = 'i', false))
    FROM own o
    JOIN pg_depend d ON d.refclassid = o.classid AND d.refobjid = o.objid
    LEFT JOIN pg_class s ON o.classid = 'pg_class'::regclass AND s.oid = o.objid
   WHERE NOT EXISTS (SELECT FROM own x WHERE x.classid = d.classid AND x.objid = d.objid)
     AND NOT (o.classid = 'pg_class'::regclass AND s.relkind = 't')
   GROUP BY d.classid, d.objid
),
classified (kind, classid, objid, relation) AS MATERIALIZED (
  SELECT CASE
           WHEN e.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_inherits h
                 WHERE h.inhparent = $table AND h.inhrelid = e.objid) THEN 'inheritance'
           WHEN e.only_sequence AND (NOT e.identity OR ad.oid IS NOT NULL) THEN 'sequence_use'
           WHEN e.only_sequence THEN 'identity_use'
           WHEN k.contype = 'f' AND k.conrelid = $table THEN 'foreign_key_from'
           WHEN k.contype = 'f' AND k.confrelid = $table THEN 'foreign_key_to'
           WHEN g.tgrelid = $table THEN 'trigger'
           WHEN w.ev_class = $table THEN 'rule'
           WHEN wc.relkind = 'v' AND w.rulename = '_RETURN' THEN 'view'
           WHEN wc.relkind = 'm' THEN 'materialized_view'
           WHEN w.oid IS NOT NULL THEN 'rule'
           WHEN p.polrelid = $table THEN 'policy'
           WHEN p.oid IS NOT NULL THEN 'foreign_policy'
           WHEN e.index AND coalesce(ad.oid, f.oid) IS NOT NULL THEN 'index_use'
           WHEN ad.oid IS NOT NULL AND ad.adrelid <> $table THEN 'foreign_default'
           WHEN pr.oid IS NOT NULL THEN 'publication'
           WHEN f.oid IS NOT NULL THEN CASE f.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END
           WHEN e.only_row_type THEN 'row_type'
           ELSE 'unknown'
         END,
         CASE WHEN wc.relkind IN ('v', 'm') AND w.rulename = '_RETURN' THEN 'pg_class'::regclass::oid
              ELSE e.classid END,
         CASE WHEN wc.relkind IN ('v', 'm') AND w.rulename = '_RETURN' THEN w.ev_class ELSE e.objid END,
         coalesce(k.conrelid, g.tgrelid, w.ev_class, p.polrelid, ad.adrelid, c.oid)
    FROM edges e
    LEFT JOIN pg_constraint k ON e.classid = 'pg_constraint'::regclass AND k.oid = e.objid
    LEFT JOIN pg_trigger g ON e.classid = 'pg_trigger'::regclass AND g.oid = e.objid
    LEFT JOIN pg_rewrite w ON e.classid = 'pg_rewrite'::regclass AND w.oid = e.objid
    LEFT JOIN pg_class wc ON wc.oid = w.ev_class
    LEFT JOIN pg_policy p ON e.classid = 'pg_policy'::regclass AND p.oid = e.objid
    LEFT JOIN pg_publication_rel pr ON e.classid = 'pg_publication_rel'::regclass AND pr.oid = e.objid
    LEFT JOIN pg_publication pub ON pub.oid = pr.prpubid
    LEFT JOIN pg_proc f ON e.classid = 'pg_proc'::regclass AND f.oid = e.objid
    LEFT JOIN pg_attrdef ad ON e.classid = 'pg_attrdef'::regclass AND ad.oid = e.objid
    LEFT JOIN pg_class c ON e.classid = 'pg_class'::regclass AND c.oid = e.objid
   WHERE g.tgisinternal IS NOT TRUE AND pub.pubname IS DISTINCT FROM 'pgwraith_$table'
),
nested (kind, objid) AS (
  SELECT kind, objid FROM classified WHERE kind IN ('view', 'materialized_view')
  UNION
  SELECT CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'view' END, c.oid
    FROM nested n
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = n.objid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid AND w.rulename = '_RETURN' AND w.ev_class <> n.objid
    JOIN pg_class c ON c.oid = w.ev_class
),
row_functions (oid) AS MATERIALIZED (
  SELECT f.oid FROM classified k JOIN pg_proc f ON k.kind = 'function' AND f.oid = k.objid
   WHERE EXISTS (SELECT FROM own o WHERE o.classid = 'pg_type'::regclass
                    AND (o.objid = f.prorettype OR o.objid = ANY (coalesce(f.proallargtypes, f.proargtypes::oid[]))))
),
others (kind, classid, objid, extra) AS (
  SELECT DISTINCT 'function_use', d.classid, d.objid, ''
    FROM row_functions x
    JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = x.oid
    LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid AND f.prokind <> 'a'
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
   WHERE f.oid IS NULL AND w.oid IS NULL
     AND NOT EXISTS (SELECT FROM classified k WHERE k.classid = d.classid AND k.objid = d.objid)
  UNION ALL
  SELECT CASE WHEN c.relispartition AND h.inhrelid = $table THEN 'partition' ELSE 'inheritance' END,
         'pg_class'::regclass::oid, CASE WHEN h.inhrelid = $table THEN h.inhparent ELSE h.inhrelid END, ''
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
   WHERE $table IN (h.inhrelid, h.inhparent) AND c.relnamespace NOT IN (SELECT oid FROM ours)
  UNION ALL
  SELECT 'extension', d.refclassid, d.refobjid, ''
    FROM own o JOIN pg_depend d USING (classid, objid)
   WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  UNION ALL
  SELECT 'index_extension', d.refclassid, d.refobjid, (pg_identify_object(o.classid, o.objid, 0)).identity || ' with '
    FROM own o JOIN pg_depend d USING (classid, objid)
   WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
  UNION ALL
  SELECT 'security_label', l.classoid, l.objoid, l.provider || ' on '
    FROM own o JOIN pg_seclabel l ON l.classoid = o.classid AND l.objoid = o.objid
  UNION ALL
  SELECT 'schema_publication', 'pg_publication_namespace'::regclass, pn.oid, ''
    FROM pg_publication_namespace pn JOIN pg_class c ON c.relnamespace = pn.pnnspid WHERE c.oid = $table
),
dependents (kind, classid, objid, identity) AS (
  SELECT k.kind, k.classid, k.objid, i.type || ' ' || i.identity
    FROM classified k LEFT JOIN pg_class r ON r.oid = k.relation,
         LATERAL pg_identify_object(k.classid, k.objid, 0) AS i
   WHERE (r.relnamespace IS NULL OR r.relnamespace NOT IN (SELECT oid FROM ours))
     AND coalesce(i.schema, '') !~ '^pg_temp(_|$)'
  UNION
  SELECT o.kind, o.classid, o.objid, o.extra || i.type || ' ' || i.identity
    FROM others o, LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
  UNION
  SELECT n.kind, 'pg_class'::regclass, n.objid, i.type || ' ' || i.identity
    FROM nested n, LATERAL pg_identify_object('pg_class'::regclass, n.objid, 0) AS i
   WHERE i.schema !~ '^pg_temp(_|$)'
  UNION
  SELECT 'subscription', 'pg_subscription'::regclass, s.oid, 'subscription ' || quote_ident(s.subname)
    FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid WHERE r.srrelid = $table
  UNION
  SELECT 'row_security', 'pg_class'::regclass, c.oid,
         CASE WHEN c.relforcerowsecurity THEN 'forced' ELSE 'enabled' END
           || CASE WHEN c.relrowsecurity THEN '' ELSE ', but not enabled' END
    FROM pg_class c WHERE c.oid = $table AND (c.relrowsecurity OR c.relforcerowsecurity)
))sql";

}  // namespace

std::string_view dependents_cte() { return cte; }

DependentKind dependent_kind(std::string_view sql_name) {
    const auto found = std::ranges::find(kinds, sql_name, &KindText::sql_name);
    ensure(found != kinds.end(), "a kind of dependent that has no name here");
    return found->kind;
}

const char* dependent_kind_name(DependentKind kind) { return text_of(kind).name; }

Task<std::vector<Dependent>> read_dependents(postgres::Connection& connection, const Table& table) {
    std::string sql = fmt::format("WITH RECURSIVE {} SELECT kind, classid, objid, identity FROM dependents", cte);
    const postgres::Result rows = co_await query_qualified(connection, for_table(sql, table.oid));
    std::vector<Dependent> dependents;
    for (int row = 0; row < rows.rows(); ++row) {
        dependents.push_back({.kind = dependent_kind(rows.text(row, 0)),
                              .catalog = rows.oid(row, 1),
                              .oid = rows.oid(row, 2),
                              .identity = rows.str(row, 3)});
    }
    std::ranges::sort(dependents, [](const Dependent& a, const Dependent& b) {
        return std::tie(a.kind, a.identity) < std::tie(b.kind, b.identity);
    });
    co_return dependents;
}

bool is_carried(DependentKind kind) {
    switch (kind) {
        case DependentKind::foreign_key_from:
        case DependentKind::foreign_key_to:
        case DependentKind::view:
        case DependentKind::materialized_view:
        case DependentKind::function:
        case DependentKind::rule:
        case DependentKind::trigger:
        case DependentKind::policy:
        case DependentKind::foreign_policy:
        case DependentKind::foreign_default:
        case DependentKind::row_security:
        case DependentKind::publication:
        case DependentKind::schema_publication:
        case DependentKind::security_label:
        case DependentKind::sequence_use:
        case DependentKind::index_extension:
            return true;
        default:
            return false;
    }
}

std::vector<Refusal> refuse_dependents(const std::vector<Dependent>& dependents) {
    std::vector<Refusal> refusals;
    for (const Dependent& dependent : dependents) {
        if (!is_carried(dependent.kind)) {
            const KindText& text = text_of(dependent.kind);
            auto reason =
                dependent.kind == DependentKind::partition
                    ? fmt::format("the table is a partition of {}", dependent.identity)
                    : fmt::format("{}: {} is not carried over to the new table", text.name, dependent.identity);
            refusals.push_back({.reason = std::move(reason), .remedy = text.remedy, .object = dependent.identity});
        }
    }
    return refusals;
}

std::vector<Refusal> refuse_ties(std::vector<Dependent> dependents) {
    std::erase_if(dependents, [](const Dependent& dependent) {
        return dependent.kind != DependentKind::partition && dependent.kind != DependentKind::inheritance &&
               dependent.kind != DependentKind::extension;
    });
    return refuse_dependents(dependents);
}

}  // namespace pgwraith::catalog
