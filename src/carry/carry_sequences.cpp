// The sequences that the table owns.
//
// A serial's sequence stays where it is, with its OID and all that refers to it: SET SCHEMA would carry it off with the
// old table. An identity's sequence cannot change tables: the new one takes the old one's place, and defaults
// elsewhere that name it are given again.
//
// nextval() looks the name up before it waits for the swap, and is answered by the old sequence after it. So the new
// one begins some steps further on than the old one has come: a session that waited gets a number that the new one does
// not give.
#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::carry {

namespace {

using catalog::Sequence;

// Defaults that use an identity's sequence, of the new table too: it has them as copies of the old one's. And those of
// other tables that name this one ('t'::regclass). Temporary tables of whatever session are left alone.
constexpr std::string_view defaults_sql = R"sql(
SELECT n.nspname, c.relname, a.attname, pg_get_expr(f.adbin, f.adrelid), c.relkind IN ('r', 'p')
  FROM (SELECT 'pg_class'::regclass::oid, i.objid FROM pg_depend i
         WHERE i.classid = 'pg_class'::regclass AND i.deptype = 'i'
           AND i.refclassid = 'pg_class'::regclass AND i.refobjid = $table AND i.refobjsubid > 0
        UNION ALL SELECT 'pg_class'::regclass, $table
        UNION ALL SELECT 'pg_type'::regclass, y.oid FROM pg_class t JOIN pg_type r ON r.oid = t.reltype
                    JOIN pg_type y ON y.oid IN (r.oid, r.typarray) WHERE t.oid = $table) AS i (classid, objid)
  JOIN pg_depend d ON d.refclassid = i.classid AND d.refobjid = i.objid
  JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid AND f.adrelid <> $table
  JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  JOIN pg_class c ON c.oid = f.adrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relpersistence <> 't'
 GROUP BY 1, 2, 3, 4, 5
 ORDER BY 1, 2, 3)sql";

// The new table's own uses count where the column that owns the sequence goes: they would be left with the old one.
constexpr std::string_view uses_sql = R"sql(
SELECT DISTINCT format('%I.%I', sn.nspname, s.relname), a.attname, o.deptype = 'i', u.type || ' ' || u.identity,
       f.adrelid IS NOT NULL AND n.nspname = 'pgwraith_new_$table',
       EXISTS (SELECT FROM pg_class x WHERE x.relnamespace = to_regnamespace('pgwraith_new_$table') AND x.relkind = 'S'
                                        AND x.relname = s.relname)
  FROM pg_depend o
  JOIN pg_class s ON s.oid = o.objid AND s.relkind = 'S'
  JOIN pg_namespace sn ON sn.oid = s.relnamespace
  JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid AND d.deptype = 'n'
  LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
  LEFT JOIN pg_class c ON c.oid = f.adrelid
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace,
       LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS u
 WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.refobjid = $table
   AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i') AND f.adrelid IS DISTINCT FROM $table
   AND c.relpersistence IS DISTINCT FROM 't' AND coalesce(u.schema, '') !~ '^pg_temp(_|$)'
 ORDER BY 1, 4)sql";

void carry_serial(const Sequence& sequence, const QualifiedName& table, const std::string& column, Carried& carried) {
    carried.before_move.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY NONE", sequence.name.sql()));
    carried.after_move.push_back(
        fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence.name.sql(), table.sql(), quote_identifier(column)));
}

// As many steps as there can be sessions that wait, and each takes a cache's fill. Where so many numbers are not left,
// half of them. A change of direction is the user's: then nothing is skipped.
std::string continue_sql(const QualifiedName& old, const QualifiedName& sequence) {
    constexpr std::string_view sql = R"sql(
SELECT setval({0}, (s.last_value + o.seqincrement * CASE WHEN sign(o.seqincrement) <> sign(n.seqincrement) THEN 0 ELSE
         greatest(0, least(current_setting('max_connections')::numeric * o.seqcache,
           trunc((CASE WHEN o.seqincrement > 0 THEN n.seqmax ELSE n.seqmin END::numeric - s.last_value) / o.seqincrement / 2)))
         END)::bigint, s.is_called)
  FROM {1} AS s, pg_catalog.pg_sequence AS o, pg_catalog.pg_sequence AS n
 WHERE o.seqrelid = {2}::regclass AND n.seqrelid = {0}::regclass)sql";
    return fmt::format(sql, quote_literal(sequence.sql()), old.sql(), quote_literal(old.sql()));
}

// The owner may have taken from itself what setval() needs; for the moment it has it.
Task<void> carry_identity(postgres::Connection& connection, const CarryContext& context, const Sequence& sequence,
                          Carried& carried) {
    const QualifiedName made{context.pair.shadow.schema, sequence.name.name};
    const QualifiedName old{context.old_schema, sequence.name.name};
    const auto rights = co_await connection.query(
        "SELECT to_regclass($1) IS NOT NULL, has_sequence_privilege($2::oid, 'SELECT'), "
        "has_sequence_privilege($2::oid, 'UPDATE')",
        postgres::params(made.sql(), std::to_string(sequence.oid)));
    if (!rights.boolean(0, 0)) co_return;  // the user took the identity away
    auto& sql = carried.after_move;
    const auto owner = quote_identifier(context.live.owner);
    const bool may_read = rights.boolean(0, 1);
    const bool may_set = rights.boolean(0, 2);
    if (!may_read) sql.push_back(fmt::format("GRANT SELECT ON SEQUENCE {} TO {}", old.sql(), owner));
    if (!may_set) sql.push_back(fmt::format("GRANT UPDATE ON SEQUENCE {} TO {}", sequence.name.sql(), owner));
    sql.push_back(continue_sql(old, sequence.name));
    if (!may_read) sql.push_back(fmt::format("REVOKE SELECT ON SEQUENCE {} FROM {}", old.sql(), owner));
    if (!may_set) sql.push_back(fmt::format("REVOKE UPDATE ON SEQUENCE {} FROM {}", sequence.name.sql(), owner));
}

Task<std::vector<QualifiedName>> owned_sequences(postgres::Connection& connection, Oid table) {
    const auto rows = co_await connection.query(
        "SELECT DISTINCT n.nspname, c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE d.classid = 'pg_class'::regclass "
        "AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.deptype IN ('a', 'i')",
        postgres::params(std::to_string(table)));
    std::vector<QualifiedName> names;
    for (int row = 0; row < rows.rows(); ++row) names.push_back({rows.str(row, 0), rows.str(row, 1)});
    co_return names;
}

Task<void> carry_defaults(postgres::Connection& connection, const CarryContext& context, Carried& carried) {
    const auto rows = co_await catalog::query_qualified(connection, catalog::for_table(defaults_sql, context.live.oid));
    for (int row = 0; row < rows.rows(); ++row) {
        QualifiedName table{rows.str(row, 0), rows.str(row, 1)};
        if (table == context.pair.shadow) {
            table = context.live.name;
        } else if (rows.boolean(row, 4)) {
            carried.locks.push_back(table_lock(Turn::before, table));
        } else {
            carried.locks.push_back({Turn::view, "view", table, "ACCESS EXCLUSIVE", ""});
        }
        carried.after_move.push_back(
            plan::in_same_words(fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} SET DEFAULT {}", table.sql(),
                                            quote_identifier(rows.text(row, 2)), rows.text(row, 3))));
    }
}

}  // namespace

Task<Carried> carry_sequences(postgres::Connection& connection, CarryContext context,
                              std::vector<shadow::SequenceAtSwap> changes) {
    Carried carried;
    for (const auto& change : changes) {
        carried.before_move.push_back(fmt::format("ALTER SEQUENCE {} {}", change.name.sql(), change.options));
    }
    const auto new_ones = co_await owned_sequences(connection, context.pair.shadow_oid);
    for (const auto& name : new_ones) {
        carried.locks.push_back({Turn::shadow, "sequence", name, "ACCESS EXCLUSIVE", ""});
    }
    for (const auto& sequence : context.live.sequences) {
        // SET SCHEMA locks it, whether it stays or goes with its column.
        carried.locks.push_back(sequence_lock(sequence.name, sequence.owner));
        const auto* column = context.live.column_at(sequence.column);
        std::optional<std::string> name;
        if (column != nullptr) name = new_column_name(context.pair, column->name);
        if (!name) continue;
        if (sequence.identity) {
            co_await carry_identity(connection, context, sequence, carried);
        } else {
            carry_serial(sequence, context.live.name, *name, carried);
        }
    }
    co_await carry_defaults(connection, context, carried);
    co_return carried;
}

Task<void> check_sequences(postgres::Connection& connection, CarryContext context) {
    const auto rows = co_await catalog::query_qualified(connection, catalog::for_table(uses_sql, context.live.oid));
    std::string uses;
    for (int row = 0; row < rows.rows(); ++row) {
        const bool identity = rows.boolean(row, 2);
        const bool kept =
            new_column_name(context.pair, rows.str(row, 1)).has_value() && (!identity || rows.boolean(row, 5));
        if (kept) continue;
        std::string user = rows.str(row, 3);
        const std::string schema = context.pair.shadow.schema + ".";
        if (const auto at = user.find(schema); at != std::string::npos && rows.boolean(row, 4)) {
            user.replace(at, schema.size(), context.live.name.schema + ".");
        }
        if (!uses.empty()) uses += "; ";
        uses += fmt::format("{} uses the sequence {}, which goes with the column {}", user, rows.text(row, 0),
                            quote_identifier(rows.text(row, 1)));
    }
    if (uses.empty()) co_return;
    throw Error(ErrorKind::refused, uses,
                "Give it a sequence of its own before the migration, or let no column own this one (ALTER SEQUENCE … "
                "OWNED BY NONE).");
}

}  // namespace pgwraith::carry
