#include "pgwraith/catalog/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "dependents.h"
#include "pgwraith/base/error.h"
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
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace,
         LATERAL (VALUES
           ('name', format('%I.%I', n.nspname, c.relname)),
           ('kind', c.relkind::text),
           ('persistence', c.relpersistence::text),
           ('owner', pg_get_userbyid(c.relowner)::text),
           ('type', (SELECT format('%I.%I', yn.nspname, y.typname) FROM pg_type y JOIN pg_namespace yn ON yn.oid = y.typnamespace
                      WHERE y.oid = c.reloftype)),
           ('access method', am.amname::text),
           ('tablespace', coalesce(s.spcname::text, 'default')),
           ('replica identity', concat_ws(' ', c.relreplident, (
              SELECT concat_ws(' ', CASE c.relreplident WHEN 'i' THEN quote_ident(ic.relname) END,
                               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey)))
                FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND x.indisvalid AND c.relreplident IN ('d', 'i')
                 AND CASE c.relreplident WHEN 'd' THEN x.indisprimary ELSE x.indisreplident END LIMIT 1))),
           ('row level security', format('enabled %s, forced %s', c.relrowsecurity, c.relforcerowsecurity)),
           ('privileges', coalesce(c.relacl::text, 'default')),
           ('comment', obj_description(c.oid, 'pg_class'))
         ) AS f (about, definition)
   WHERE c.oid = $table AND f.definition IS NOT NULL
  UNION ALL
  SELECT f.about, '', f.definition
    FROM pg_class c JOIN pg_type r ON r.oid = c.reltype,
         LATERAL (VALUES ('privileges of the row type', coalesce(r.typacl::text, 'default')),
                         ('comment of the row type', obj_description(r.oid, 'pg_type')),
                         ('comment of the array of rows', obj_description(r.typarray, 'pg_type'))) AS f (about, definition)
   WHERE c.oid = $table AND f.definition IS NOT NULL
  UNION ALL
  SELECT 'storage parameter', p.prefix || o.option_name, o.option_value
    FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid,
         LATERAL (VALUES ('', c.reloptions), ('toast.', t.reloptions)) AS p (prefix, options),
         LATERAL pg_options_to_table(p.options) AS o
   WHERE c.oid = $table
  UNION ALL
  SELECT 'column', a.attname,
         concat_ws(' ', '#' || a.attnum, format_type(a.atttypid, a.atttypmod),
           'COLLATE ' || (SELECT format('%I.%I', n.nspname, co.collname)
                            FROM pg_collation co JOIN pg_namespace n ON n.oid = co.collnamespace
                           WHERE co.oid = a.attcollation),
           CASE WHEN a.attnotnull THEN 'NOT NULL' END,
           CASE WHEN a.attgenerated = '' THEN 'DEFAULT ' ELSE 'GENERATED ' || a.attgenerated::text || ' ' END
             || pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END),
           'IDENTITY ' || nullif(a.attidentity::text, ''))
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT f.about || ' of column', a.attname, f.definition
    FROM pg_attribute a,
         LATERAL (VALUES
           ('statistics target', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END),
           ('storage', a.attstorage::text), ('compression', nullif(a.attcompression::text, '')),
           ('options', (SELECT string_agg(format('%s=%L', o.option_name, o.option_value), ', ' ORDER BY o.option_name)
                          FROM pg_options_to_table(a.attoptions) AS o WHERE o.option_name <> 'pg_attver')),
           ('privileges', a.attacl::text), ('comment', col_description(a.attrelid, a.attnum))) AS f (about, definition)
   WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped AND f.definition IS NOT NULL
  UNION ALL
  SELECT f.about, k.conname, f.definition
    FROM pg_constraint k,
         LATERAL (VALUES ('constraint', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')),
                         ('comment of constraint', obj_description(k.oid, 'pg_constraint'))) AS f (about, definition)
   WHERE k.conrelid = $table AND k.contype <> 't' AND f.definition IS NOT NULL
  UNION ALL
  SELECT f.about, c.relname, f.definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace,
         LATERAL (SELECT string_agg(format('%s=%L', o.option_name, o.option_value), ', ' ORDER BY o.option_name),
                         format(' WITH (%s)', string_agg(o.option_name || '=' || CASE WHEN quote_ident(o.option_value) =
                           o.option_value THEN o.option_value ELSE quote_literal(o.option_value) END, ', '))
                    FROM pg_options_to_table(c.reloptions) AS o) AS p (list, clause),
         LATERAL (VALUES
           ('index', concat_ws(' ', replace(pg_get_indexdef(c.oid), p.clause, ''),
              CASE WHEN NOT i.indimmediate THEN 'deferrable' END, 'TABLESPACE ' || s.spcname)),
           ('parameters of index', p.list),
           ('statistics targets of index', (SELECT string_agg(a.attnum || ' ' || a.attstattarget, ' ' ORDER BY a.attnum)
                                             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0)),
           ('comment of index', obj_description(c.oid, 'pg_class'))) AS f (about, definition)
   WHERE i.indrelid = $table AND i.indisvalid AND i.indisready AND f.definition IS NOT NULL
  UNION ALL
  SELECT 'CLUSTER mark', '', c.relname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = $table AND i.indisclustered AND i.indisvalid AND i.indisready
  UNION ALL
  SELECT f.about, format('%I.%I', n.nspname, s.stxname), f.definition
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace,
         LATERAL (VALUES
           ('extended statistics', concat_ws(' ', pg_get_statisticsobjdef(s.oid), 'OWNER ' || pg_get_userbyid(s.stxowner))),
           ('statistics target of extended statistics', CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::text END),
           ('comment of extended statistics', obj_description(s.oid, 'pg_statistic_ext'))) AS f (about, definition)
   WHERE s.stxrelid = $table AND f.definition IS NOT NULL
  UNION ALL
  SELECT f.about, format('%I.%I', n.nspname, c.relname), f.definition
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_sequence q ON q.seqrelid = c.oid,
         LATERAL (VALUES
           ('sequence', concat_ws(' ', 'of column #' || d.refobjsubid, format_type(q.seqtypid, NULL),
              format('START %s MIN %s MAX %s INCREMENT %s CACHE %s CYCLE %s', q.seqstart, q.seqmin, q.seqmax,
                     q.seqincrement, q.seqcache, q.seqcycle),
              'OWNER ' || pg_get_userbyid(c.relowner), 'PERSISTENCE ' || c.relpersistence::text)),
           ('privileges of sequence', c.relacl::text),
           ('comment of sequence', obj_description(c.oid, 'pg_class'))) AS f (about, definition)
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid = $table AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND f.definition IS NOT NULL
  UNION ALL
  SELECT 'state of an internal trigger', coalesce(k.conname::text, g.tgname::text), g.tgenabled::text || ' ' || p.proname
    FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint
   WHERE g.tgrelid = $table AND g.tgisinternal AND g.tgenabled <> 'O')sql";

// What hangs on the table, each kind with its own text. An aggregate has no pg_get_functiondef. Who else uses a
// sequence of the table is not asked here: the swap needs to know it only for a moment, and reads it then.
constexpr std::string_view dependent_facts = R"sql(
  SELECT d.kind, d.identity, '' AS part,
         CASE d.kind
           WHEN 'foreign_key_to' THEN
             (SELECT regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') FROM pg_constraint k WHERE k.oid = d.objid)
           WHEN 'trigger' THEN (SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g WHERE g.oid = d.objid)
           WHEN 'rule' THEN (SELECT pg_get_ruledef(w.oid) FROM pg_rewrite w WHERE w.oid = d.objid)
           WHEN 'publication' THEN
             (SELECT concat_ws(' ', 'COLUMNS ' || pr.prattrs::text, 'WHERE ' || pg_get_expr(pr.prqual, pr.prrelid))
                FROM pg_publication_rel pr WHERE pr.oid = d.objid)
           WHEN 'function' THEN
             (SELECT CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END
                FROM pg_proc p WHERE p.oid = d.objid)
           WHEN 'security_label' THEN
             (SELECT string_agg(l.objsubid || ' ' || l.provider || ' ' || l.label, ', ' ORDER BY l.objsubid, l.provider)
                FROM pg_seclabel l WHERE l.classoid = d.classid AND l.objoid = d.objid)
           ELSE CASE
             WHEN d.kind IN ('view', 'materialized_view') THEN
               (SELECT concat_ws(' ', pg_get_viewdef(c.oid), 'OWNER ' || pg_get_userbyid(c.relowner),
                         'OPTIONS ' || c.reloptions::text,
                         'COLUMNS ' || (SELECT string_agg(concat_ws(' ', a.attname,
                                                            'DEFAULT ' || pg_get_expr(f.adbin, f.adrelid)),
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
                         'INDEXES ' || (SELECT string_agg(pg_get_indexdef(x.indexrelid), ', '
                                                          ORDER BY pg_get_indexdef(x.indexrelid))
                                          FROM pg_index x WHERE x.indrelid = c.oid AND x.indisvalid AND x.indisready))
                  FROM pg_class c WHERE c.oid = d.objid)
             WHEN d.kind IN ('policy', 'foreign_policy') THEN
               (SELECT concat_ws(' ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, p.polcmd,
                         'TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END, ', ')
                                     FROM unnest(p.polroles) AS r),
                         'USING ' || pg_get_expr(p.polqual, p.polrelid),
                         'WITH CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid))
                  FROM pg_policy p WHERE p.oid = d.objid)
           END
         END
    FROM dependents d WHERE d.kind NOT IN ('sequence_use', 'row_security')
  UNION ALL
  SELECT d.kind, d.identity, 'state of ', concat_ws(' ', g.tgenabled, w.ev_enabled)
    FROM dependents d
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
   WHERE d.kind IN ('trigger', 'rule') AND coalesce(g.tgenabled, w.ev_enabled) <> 'O'
  UNION ALL
  SELECT d.kind, d.identity, 'comment of ', c.comment
    FROM dependents d, LATERAL obj_description(d.objid, d.classid::regclass::name) AS c (comment)
   WHERE d.kind IN ('trigger', 'rule', 'policy', 'foreign_key_to', 'view', 'materialized_view') AND c.comment IS NOT NULL
  UNION ALL
  SELECT d.kind, d.identity, f.about, f.definition
    FROM dependents d JOIN pg_class c ON c.oid = d.objid,
         LATERAL (VALUES
           ('privileges of ', concat_ws(' ', c.relacl::text,
              (SELECT string_agg(format('%I %s', a.attname, a.attacl), ', ' ORDER BY a.attnum)
                 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attacl IS NOT NULL))),
           ('column comments of ', (SELECT string_agg(format('%I %L', a.attname, col_description(c.oid, a.attnum)), ', '
                                                      ORDER BY a.attnum)
                                      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                                       AND col_description(c.oid, a.attnum) IS NOT NULL))) AS f (about, definition)
   WHERE d.kind IN ('view', 'materialized_view') AND d.classid = 'pg_class'::regclass AND f.definition <> '')sql";

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

// Short ones say what they are.
std::string appeared(const Fact& fact) {
    if (!is_taken_along(fact)) return subject(fact) + " appeared";
    return fmt::format("{} appeared: \"{}\"", subject(fact), excerpt(fact.definition, 0));
}

bool same_subject(const Fact& a, const Fact& b) { return a.about == b.about && a.name == b.name; }

}  // namespace

bool is_taken_along(const Fact& fact) {
    constexpr std::array<std::string_view, 11> prefixes{
        "privileges",          "comment",           "column comments of ",   "statistics target",
        "storage parameter",   "storage of column", "compression of column", "options of column",
        "parameters of index", "state of trigger",  "state of rule"};
    if (fact.about == "row level security" || fact.about == "CLUSTER mark") return true;
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return fact.about.starts_with(prefix); });
}

Task<Definition> read_definition(postgres::Connection& connection, Oid oid) {
    // The statement takes three times as long to plan as to run, so each session plans it only once. It has no
    // parameters, which keeps its plan.
    const std::string prepared = fmt::format("pgwraith_definition_{}", oid);
    std::vector<postgres::Param> params{prepared};
    const postgres::Result known =
        co_await connection.query("SELECT FROM pg_catalog.pg_prepared_statements WHERE name = $1", std::move(params));
    if (known.empty()) {
        // The kinds of dependents come as dependents_cte() spells them; the facts have their readable names.
        const std::string sql = fmt::format(
            "PREPARE {} AS WITH RECURSIVE {} SELECT true, about, name, definition, '' FROM ({}) AS own_facts (about, "
            "name, "
            "definition) UNION ALL SELECT false, kind, identity, definition, part FROM ({}) AS dependent_facts (kind, "
            "identity, part, definition)",
            prepared, dependents_cte(), own_facts, dependent_facts);
        co_await query_qualified(connection, for_table(sql, oid));
    }
    const postgres::Result rows = co_await query_qualified(
        connection, fmt::format("SELECT pg_catalog.set_config('jit', 'off', true); EXECUTE {}", prepared));
    Definition definition;
    for (int row = 0; row < rows.rows(); ++row) {
        const bool own = rows.boolean(row, 0);
        std::string about = rows.str(row, 1);
        if (!own) about = rows.str(row, 4) + dependent_kind_name(dependent_kind(about));
        definition.push_back({.about = std::move(about), .name = rows.str(row, 2), .definition = rows.str(row, 3)});
    }
    std::ranges::sort(definition);
    co_return definition;
}

// As own_facts says it.
Task<Definition> with_identity(postgres::Connection& connection, Definition definition, Oid index) {
    constexpr std::string_view identity_sql =
        "SELECT concat_ws(' ', 'i', quote_ident(c.relname), (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY "
        "a.attnum) FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey))) "
        "FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indexrelid = $table";
    const postgres::Result said = co_await query_qualified(connection, for_table(identity_sql, index));
    ensure(said.rows() == 1, "the index that is to identify rows exists");
    std::erase_if(definition, [](const Fact& fact) { return fact.about == "replica identity"; });
    definition.push_back({.about = "replica identity", .name = "", .definition = said.str(0, 0)});
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
            lines.push_back(appeared(*next++));
        }
    }
    return lines;
}

DefinitionChanges changes(const Definition& before, const Definition& now) {
    auto part = [](const Definition& whole, bool taken_along) {
        Definition some;
        std::ranges::copy_if(whole, std::back_inserter(some),
                             [&](const Fact& fact) { return is_taken_along(fact) == taken_along; });
        return some;
    };
    return {.drift = differences(part(before, false), part(now, false)),
            .taken_along = differences(part(before, true), part(now, true))};
}

void to_json(nlohmann::json& json, const Fact& fact) { json = {fact.about, fact.name, fact.definition}; }

void from_json(const nlohmann::json& json, Fact& fact) {
    json.at(0).get_to(fact.about);
    json.at(1).get_to(fact.name);
    json.at(2).get_to(fact.definition);
}

}  // namespace pgwraith::catalog
