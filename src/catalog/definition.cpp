#include "pgwraith/catalog/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dependents.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

// Everything about the table and its parts: (about, name, definition). NULLs in concat_ws vanish, so each
// property that may be absent says what it is.
constexpr std::string_view own_facts = R"sql(
  SELECT f.about, ''::text, f.definition
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am am ON am.oid = c.relam
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
    LEFT JOIN pg_class t ON t.oid = c.reltoastrelid,
         LATERAL (VALUES
           ('name', format('%I.%I', n.nspname, c.relname)),
           ('kind', c.relkind::text),
           ('persistence', c.relpersistence::text),
           ('owner', pg_get_userbyid(c.relowner)::text),
           ('access method', am.amname::text),
           ('tablespace', coalesce(s.spcname::text, 'default')),
           ('storage parameters', concat_ws(' ', 'table', c.reloptions::text, 'toast', t.reloptions::text)),
           ('replica identity', c.relreplident::text),
           ('row level security', format('enabled %s, forced %s', c.relrowsecurity, c.relforcerowsecurity)),
           ('privileges', coalesce(c.relacl::text, 'default')),
           ('comment', obj_description(c.oid, 'pg_class')),
           ('row type', (SELECT concat_ws(' ', 'PRIVILEGES ' || coalesce(r.typacl::text, 'default'),
                                          'COMMENT ' || quote_literal(obj_description(r.oid, 'pg_type')),
                                          'COMMENT [] ' || quote_literal(obj_description(r.typarray, 'pg_type')))
                           FROM pg_type r WHERE r.oid = c.reltype))
         ) AS f (about, definition)
   WHERE c.oid = $table AND f.definition IS NOT NULL
  UNION ALL
  SELECT 'column', a.attname,
         concat_ws(' ', '#' || a.attnum, format_type(a.atttypid, a.atttypmod),
           'COLLATE ' || (SELECT format('%I.%I', n.nspname, co.collname)
                            FROM pg_collation co JOIN pg_namespace n ON n.oid = co.collnamespace
                           WHERE co.oid = a.attcollation),
           CASE WHEN a.attnotnull THEN 'NOT NULL' END,
           CASE WHEN a.attgenerated = '' THEN 'DEFAULT ' ELSE 'GENERATED ' || a.attgenerated::text || ' ' END
             || pg_get_expr(d.adbin, d.adrelid),
           'IDENTITY ' || nullif(a.attidentity::text, ''),
           'STATISTICS ' || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
           'STORAGE ' || a.attstorage::text, 'COMPRESSION ' || nullif(a.attcompression::text, ''),
           'OPTIONS ' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%'),
           'PRIVILEGES ' || a.attacl::text,
           'COMMENT ' || quote_literal(col_description(a.attrelid, a.attnum)))
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'constraint', k.conname,
         concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END,
                   'COMMENT ' || quote_literal(obj_description(k.oid, 'pg_constraint')))
    FROM pg_constraint k WHERE k.conrelid = $table AND k.contype <> 't'
  UNION ALL
  SELECT 'index', c.relname,
         concat_ws(' ', pg_get_indexdef(c.oid), CASE WHEN NOT i.indisvalid THEN 'not valid' END,
           CASE WHEN NOT i.indimmediate THEN 'deferrable' END, CASE WHEN i.indisclustered THEN 'CLUSTER' END,
           CASE WHEN i.indisreplident THEN 'REPLICA IDENTITY' END, 'TABLESPACE ' || s.spcname,
           'STATISTICS ' || (SELECT string_agg(a.attnum || ':' || a.attstattarget, ',' ORDER BY a.attnum)
                               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0),
           'COMMENT ' || quote_literal(obj_description(c.oid, 'pg_class')))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
   WHERE i.indrelid = $table
  UNION ALL
  SELECT 'extended statistics', format('%I.%I', n.nspname, s.stxname),
         concat_ws(' ', pg_get_statisticsobjdef(s.oid), 'OWNER ' || pg_get_userbyid(s.stxowner),
           'STATISTICS ' || CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END,
           'COMMENT ' || quote_literal(obj_description(s.oid, 'pg_statistic_ext')))
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = $table
  UNION ALL
  SELECT 'sequence', format('%I.%I', n.nspname, c.relname),
         concat_ws(' ', 'of column #' || d.refobjsubid, format_type(q.seqtypid, NULL),
           format('START %s MIN %s MAX %s INCREMENT %s CACHE %s CYCLE %s', q.seqstart, q.seqmin, q.seqmax,
                  q.seqincrement, q.seqcache, q.seqcycle),
           'OWNER ' || pg_get_userbyid(c.relowner), 'PRIVILEGES ' || c.relacl::text, 'PERSISTENCE ' || c.relpersistence::text,
           'COMMENT ' || quote_literal(obj_description(c.oid, 'pg_class')))
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_sequence q ON q.seqrelid = c.oid
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid = $table AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  UNION ALL
  SELECT 'state of an internal trigger', coalesce(k.conname::text, g.tgname::text), g.tgenabled::text || ' ' || p.proname
    FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint
   WHERE g.tgrelid = $table AND g.tgisinternal AND g.tgenabled <> 'O')sql";

// What hangs on the table, each kind with its own text. An aggregate has no pg_get_functiondef.
constexpr std::string_view dependent_facts = R"sql(
  SELECT d.kind, d.identity,
         CASE d.kind
           WHEN 'foreign_key_to' THEN
             (SELECT concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END,
                       'COMMENT ' || quote_literal(obj_description(k.oid, 'pg_constraint')))
                FROM pg_constraint k WHERE k.oid = d.objid)
           WHEN 'trigger' THEN
             (SELECT concat_ws(' ', pg_get_triggerdef(g.oid), 'ENABLED ' || g.tgenabled::text,
                       'COMMENT ' || quote_literal(obj_description(g.oid, 'pg_trigger')))
                FROM pg_trigger g WHERE g.oid = d.objid)
           WHEN 'rule' THEN
             (SELECT concat_ws(' ', pg_get_ruledef(w.oid), 'ENABLED ' || w.ev_enabled::text,
                       'COMMENT ' || quote_literal(obj_description(w.oid, 'pg_rewrite')))
                FROM pg_rewrite w WHERE w.oid = d.objid)
           WHEN 'publication' THEN
             (SELECT concat_ws(' ', 'COLUMNS ' || pr.prattrs::text, 'WHERE ' || pg_get_expr(pr.prqual, pr.prrelid))
                FROM pg_publication_rel pr WHERE pr.oid = d.objid)
           WHEN 'function' THEN
             (SELECT CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END
                FROM pg_proc p WHERE p.oid = d.objid)
           WHEN 'sequence_use' THEN
             (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f
               WHERE d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid)
           WHEN 'security_label' THEN
             (SELECT string_agg(l.objsubid || ' ' || l.provider || ' ' || l.label, ', ' ORDER BY l.objsubid, l.provider)
                FROM pg_seclabel l WHERE l.classoid = d.classid AND l.objoid = d.objid)
           ELSE CASE
             WHEN d.kind IN ('view', 'materialized_view') THEN
               (SELECT concat_ws(' ', pg_get_viewdef(c.oid), 'OWNER ' || pg_get_userbyid(c.relowner),
                         'OPTIONS ' || c.reloptions::text, 'PRIVILEGES ' || c.relacl::text,
                         'COMMENT ' || quote_literal(obj_description(c.oid, 'pg_class')),
                         'COLUMNS ' || (SELECT string_agg(concat_ws(' ', a.attname, a.attacl::text,
                                                            'DEFAULT ' || pg_get_expr(f.adbin, f.adrelid),
                                                            'COMMENT ' || quote_literal(col_description(a.attrelid, a.attnum))),
                                                          ', ' ORDER BY a.attnum)
                                          FROM pg_attribute a
                                          LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
                                         WHERE a.attrelid = c.oid AND a.attnum > 0),
                         'LABELS ' || (SELECT string_agg(concat_ws(' ', l.objsubid, l.provider, l.label), ', '
                                                         ORDER BY l.objsubid, l.provider)
                                         FROM pg_seclabel l WHERE l.classoid = 'pg_class'::regclass AND l.objoid = c.oid),
                         'TRIGGERS ' || (SELECT string_agg(pg_get_triggerdef(g.oid), ', ' ORDER BY g.tgname)
                                           FROM pg_trigger g WHERE g.tgrelid = c.oid),
                         'RULES ' || (SELECT string_agg(pg_get_ruledef(w.oid) || w.ev_enabled::text, ', ' ORDER BY w.rulename)
                                        FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'),
                         'INDEXES ' || (SELECT string_agg(pg_get_indexdef(x.indexrelid), ', ' ORDER BY x.indexrelid)
                                          FROM pg_index x WHERE x.indrelid = c.oid))
                  FROM pg_class c WHERE c.oid = d.objid)
             WHEN d.kind IN ('policy', 'foreign_policy') THEN
               (SELECT concat_ws(' ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, p.polcmd,
                         'TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END, ', ')
                                     FROM unnest(p.polroles) AS r),
                         'USING ' || pg_get_expr(p.polqual, p.polrelid),
                         'WITH CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid),
                         'COMMENT ' || quote_literal(obj_description(p.oid, 'pg_policy')))
                  FROM pg_policy p WHERE p.oid = d.objid)
           END
         END
    FROM dependents d)sql";

// The part of two long texts where they begin to differ.
std::string excerpt(const std::string& text, std::size_t difference) {
    constexpr std::size_t before = 40;
    constexpr std::size_t most = 200;
    std::size_t from = difference > before ? difference - before : 0;
    if (text.size() <= most) {
        from = 0;
    }
    // Not in the middle of a character of several bytes.
    const auto continues = [&](std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    while (from > 0 && continues(from)) {
        --from;
    }
    std::size_t to = std::min(text.size(), from + most);
    while (continues(to)) {
        ++to;
    }
    return fmt::format("{}{}{}", from > 0 ? "…" : "", text.substr(from, to - from), to < text.size() ? "…" : "");
}

std::string subject(const Fact& fact) { return fact.name.empty() ? fact.about : fact.about + ' ' + fact.name; }

std::string became(const Fact& before, const Fact& now) {
    const auto [left, right] = std::ranges::mismatch(before.definition, now.definition);
    const auto at = static_cast<std::size_t>(left - before.definition.begin());
    return fmt::format("{}: \"{}\" became \"{}\"", subject(before), excerpt(before.definition, at),
                       excerpt(now.definition, at));
}

bool same_subject(const Fact& a, const Fact& b) { return a.about == b.about && a.name == b.name; }

}  // namespace

Task<Definition> read_definition(postgres::Connection& connection, Oid oid) {
    // The statement takes three times as long to plan as to run, so each session plans it only once. It has no
    // parameters, which keeps its plan.
    const std::string prepared = fmt::format("pgwraith_definition_{}", oid);
    std::vector<postgres::Param> params{prepared};
    const postgres::Result known =
        co_await connection.query("SELECT FROM pg_catalog.pg_prepared_statements WHERE name = $1", std::move(params));
    if (known.empty()) {
        // The kinds of dependents come as dependents_cte() spells them; the facts bear their readable names.
        const std::string sql = fmt::format(
            "PREPARE {} AS WITH RECURSIVE {} SELECT true, about, name, definition FROM ({}) AS own_facts (about, name, "
            "definition) UNION ALL SELECT false, * FROM ({}) AS dependent_facts",
            prepared, dependents_cte(), own_facts, dependent_facts);
        co_await query_qualified(connection, for_table(sql, oid));
    }
    const postgres::Result rows = co_await query_qualified(
        connection, fmt::format("SELECT pg_catalog.set_config('jit', 'off', true); EXECUTE {}", prepared));
    Definition definition;
    for (int row = 0; row < rows.rows(); ++row) {
        const bool own = rows.boolean(row, 0);
        definition.push_back({.about = own ? rows.str(row, 1) : dependent_kind_name(dependent_kind(rows.text(row, 1))),
                              .name = rows.str(row, 2),
                              .definition = rows.str(row, 3)});
    }
    std::ranges::sort(definition);
    co_return definition;
}

std::vector<std::string> differences(const Definition& before, const Definition& now) {
    Definition gone;
    Definition came;
    std::ranges::set_difference(before, now, std::back_inserter(gone));
    std::ranges::set_difference(now, before, std::back_inserter(came));
    std::vector<std::string> lines;
    auto next = came.begin();
    for (auto left = gone.begin(); left != gone.end() || next != came.end();) {
        if (left != gone.end() && next != came.end() && same_subject(*left, *next)) {
            lines.push_back(became(*left++, *next++));
        } else if (next == came.end() || (left != gone.end() && *left < *next)) {
            lines.push_back(subject(*left++) + " is gone");
        } else {
            lines.push_back(subject(*next++) + " appeared");
        }
    }
    return lines;
}

void to_json(nlohmann::json& json, const Fact& fact) { json = {fact.about, fact.name, fact.definition}; }

void from_json(const nlohmann::json& json, Fact& fact) {
    json.at(0).get_to(fact.about);
    json.at(1).get_to(fact.name);
    json.at(2).get_to(fact.definition);
}

}  // namespace pgwraith::catalog
