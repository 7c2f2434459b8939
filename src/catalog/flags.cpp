#include "pgwraith/catalog/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pgwraith/base/names.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

// Privileges that nobody gave or took are the same as those by default, written out.
constexpr std::string_view of_table = R"sql(
SELECT f.about, f.name, f.definition
  FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid,
       LATERAL (
         SELECT v.about, '', v.definition FROM (VALUES
           ('owner', pg_get_userbyid(c.relowner)::text),
           ('row level security', format('enabled %s, forced %s', c.relrowsecurity, c.relforcerowsecurity)),
           ('persistence', c.relpersistence::text),
           ('tablespace', nullif(c.reltablespace, 0)::text),
           ('access method', (SELECT amname::text FROM pg_am WHERE oid = c.relam)),
           ('type', nullif(c.reloftype, 0)::text),
           ('replica identity', concat_ws(' ', c.relreplident, (
              SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND x.indisreplident AND c.relreplident = 'i'))),
           ('CLUSTER mark', (
              SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND x.indisclustered AND x.indisvalid)),
           ('privileges', (SELECT string_agg(p::text, ', ' ORDER BY p::text)
                             FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) AS p))) AS v (about, definition)
         UNION ALL
         SELECT 'storage parameter', p.prefix || o.option_name, o.option_value
           FROM (VALUES ('', c.reloptions), ('toast.', t.reloptions)) AS p (prefix, options),
                LATERAL pg_options_to_table(p.options) AS o
         UNION ALL
         SELECT v.about || ' of column', a.attname, v.definition
           FROM pg_attribute a,
                LATERAL (VALUES
                  ('privileges', (SELECT string_agg(p::text, ', ' ORDER BY p::text) FROM unnest(a.attacl) AS p)),
                  ('options', (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) AS o
                                WHERE o NOT LIKE 'pg_attver=%')),
                  ('statistics target', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END),
                  ('storage', a.attstorage::text),
                  ('compression', nullif(a.attcompression::text, ''))) AS v (about, definition)
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       ) AS f (about, name, definition)
 WHERE c.oid = $table AND f.definition IS NOT NULL)sql";

constexpr std::string_view failed = "the new table does not have the settings that it must have";

constexpr std::string_view differing = R"sql(
SELECT string_agg(format('%s: %s instead of %s', concat_ws(' ', about, nullif(name, '')),
                         coalesce(is_now.definition, 'nothing'), coalesce(asked.definition, 'nothing')), '; ')
  FROM ({0}) AS is_now
  FULL JOIN unnest({1}, {2}, {3}) AS asked (about, name, definition) USING (about, name)
 WHERE is_now.definition IS DISTINCT FROM asked.definition)sql";

std::string array_sql(const Definition& flags, std::string Fact::*part) {
    std::vector<std::string> texts;
    for (const auto& fact : flags) texts.push_back(quote_literal(fact.*part));
    return fmt::format("ARRAY[{}]::text[]", fmt::join(texts, ", "));
}

}  // namespace

std::string flags_sql(Oid table) { return for_table(of_table, table); }

Task<Definition> read_flags(postgres::Connection& connection, Oid table) {
    const postgres::Result rows = co_await query_qualified(connection, flags_sql(table));
    Definition flags;
    for (int row = 0; row < rows.rows(); ++row) {
        flags.push_back({.about = rows.str(row, 0), .name = rows.str(row, 1), .definition = rows.str(row, 2)});
    }
    std::ranges::sort(flags);
    co_return flags;
}

// As of_table says it.
void set_identity(Definition& flags, const ReplicaIdentity& identity) {
    for (auto& fact : flags) {
        if (fact.about != "replica identity") continue;
        fact.definition = std::string(1, letter(identity.kind));
        if (identity.kind == IdentityKind::index && !identity.index.empty()) fact.definition += " " + identity.index;
    }
    std::ranges::sort(flags);
}

std::string differing_flags_sql(Oid table, const Definition& flags) {
    return fmt::format(differing, flags_sql(table), array_sql(flags, &Fact::about), array_sql(flags, &Fact::name),
                       array_sql(flags, &Fact::definition));
}

std::string flags_differ(const std::string& which) { return fmt::format("{}: {}", failed, which); }

}  // namespace pgwraith::catalog
