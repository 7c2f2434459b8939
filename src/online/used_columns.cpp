#include "used_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/postgres/error.h"

namespace pgwraith::online {

namespace {

using plan::PartKind;
using postgres::Connection;

// What the server would ask CASCADE for, or refuse; $3: keys of other tables, which it makes anew with another type.
// What is the table's own (indexes, constraints, statistics, defaults) the stand-in has too.
constexpr const char* column_uses = R"sql(
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d
 WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = $2::int
   AND (d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass,
                      'pg_publication_rel'::regclass)
        OR d.classid = 'pg_constraint'::regclass AND $3::bool
           AND (SELECT k.conrelid <> $1::oid FROM pg_constraint k WHERE k.oid = d.objid)
        OR d.classid = 'pg_attrdef'::regclass
           AND (SELECT f.adrelid <> $1::oid FROM pg_attrdef f WHERE f.oid = d.objid))
 ORDER BY 1 LIMIT 1)sql";

// With the types of the two columns, of a key of one column.
constexpr const char* column_keys = R"sql(
SELECT n.nspname, c.relname, c.oid = $1::oid, cardinality(k.conkey) = 1, k.conrelid = $1::oid AND $2::int = ANY (k.conkey),
       k.confrelid = $1::oid AND $2::int = ANY (k.confkey), format_type(f.atttypid, f.atttypmod), format_type(p.atttypid, p.atttypmod)
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = CASE WHEN k.conrelid = $1::oid THEN k.confrelid ELSE k.conrelid END
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]
  JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1]
 WHERE k.contype = 'f' AND (k.conrelid = $1::oid AND $2::int = ANY (k.conkey)
                            OR k.confrelid = $1::oid AND $2::int = ANY (k.confkey)))sql";

// Keys of other tables, or functions, that stand on a constraint or an index.
constexpr const char* object_uses = R"sql(
WITH o AS (SELECT 'pg_constraint'::regclass::oid AS class, k.oid FROM pg_constraint k
            WHERE k.conrelid = $1::oid AND k.conname = $2 AND $3 = 'constraint'
           UNION ALL
           SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = $1::oid AND k.contype <> 'f'
            WHERE i.indrelid = $1::oid AND CASE WHEN $3 = 'index' THEN c.relname = $2 ELSE k.conname = $2 END)
SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
  FROM o JOIN pg_depend d ON d.refclassid = o.class AND d.refobjid = o.oid AND d.deptype = 'n' ORDER BY 1 LIMIT 1)sql";

constexpr const char* key_refers_to = R"sql(
SELECT n.nspname, c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conrelid = $1::oid AND k.conname = $2 AND k.confrelid <> $1::oid)sql";

// Columns elsewhere that hold rows of the table, or what contains them: the server does not read through them.
constexpr const char* row_type_uses = R"sql(
WITH RECURSIVE holds (oid) AS (
  SELECT reltype FROM pg_class WHERE oid = $1::oid
  UNION
  SELECT x.oid FROM holds h CROSS JOIN LATERAL (
    SELECT t.oid FROM pg_type t WHERE t.typbasetype = h.oid OR t.typelem = h.oid AND t.typlen = -1
    UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngsubtype = h.oid
    UNION ALL SELECT c.reltype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
               WHERE a.atttypid = h.oid AND NOT a.attisdropped) AS x)
SELECT pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum)
  FROM holds h JOIN pg_attribute a ON a.atttypid = h.oid AND NOT a.attisdropped AND a.attnum > 0
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm', 'p') ORDER BY 1 LIMIT 1)sql";

// A statement for which the server looks at each row's new value, though it need not write it.
bool looks_at_rows(const plan::Part& part) {
    return part.kind == PartKind::alter_type || (part.kind == PartKind::add_column && part.expression);
}

std::vector<QualifiedName> names(const postgres::Result& rows) {
    std::vector<QualifiedName> tables;
    for (int row = 0; row < rows.rows(); ++row) tables.push_back({rows.str(row, 0), rows.str(row, 1)});
    return tables;
}

// Whether the server looks up each row again when a column of a key of one column gets that type: tried on two empty
// tables. If it cannot be tried, it does.
Task<bool> checks_key_again(Connection& connection, std::string schema, std::string child_type, std::string parent_type,
                            bool of_child, std::string new_type) {
    const QualifiedName parent{schema, "pgwraith_parent"};
    const QualifiedName child{schema, "pgwraith_child"};
    const auto retype = of_child ? fmt::format("ALTER TABLE {} ALTER COLUMN a TYPE {}", child.sql(), new_type)
                                 : fmt::format("ALTER TABLE {} ALTER COLUMN k TYPE {}", parent.sql(), new_type);
    const auto failure = co_await postgres::try_script(
        connection, fmt::format("CREATE TABLE {0} (k {1} PRIMARY KEY); CREATE TABLE {2} (a {3} REFERENCES {0}); {4}",
                                parent.sql(), parent_type, child.sql(), child_type, retype));
    if (failure) co_return true;
    const auto scans =
        co_await connection.query("SELECT pg_stat_get_xact_numscans(to_regclass($1))", postgres::params(child.sql()));
    const bool looked = scans.int64(0, 0) > 0;
    co_await connection.script(fmt::format("DROP TABLE {}, {}", child.sql(), parent.sql()));
    co_return looked;
}

void lock_too(Uses& uses, const QualifiedName& table) {
    if (std::ranges::find(uses.locks, table) == uses.locks.end()) uses.locks.push_back(table);
}

// Foreign keys on a column that gets another type.
Task<void> ask_about_keys(Connection& connection, Oid live, std::string attnum, std::string new_type,
                          std::string schema, Uses& uses) {
    const auto keys = co_await connection.query(column_keys, postgres::params(std::to_string(live), attnum));
    for (int row = 0; row < keys.rows(); ++row) {
        if (!keys.boolean(row, 2)) lock_too(uses, {keys.str(row, 0), keys.str(row, 1)});
        const bool both_sides = keys.boolean(row, 4) && keys.boolean(row, 5);
        if (!keys.boolean(row, 3) || both_sides) uses.checks_key = true;
        if (uses.checks_key) continue;
        uses.checks_key = co_await checks_key_again(connection, schema, keys.str(row, 6), keys.str(row, 7),
                                                    keys.boolean(row, 4), new_type);
    }
}

}  // namespace

Task<Uses> find_uses(Connection& connection, catalog::Table live, plan::Part part, StandInState before,
                     QualifiedName stand_in) {
    Uses uses;
    const auto oid = std::to_string(live.oid);
    if (looks_at_rows(part)) {
        const auto holding = co_await connection.query(row_type_uses, postgres::params(oid));
        if (!holding.empty()) uses.used_by = holding.str(0, 0);
    }
    if (part.kind == PartKind::alter_type || part.kind == PartKind::drop_column) {
        const auto place = before.columns.find(part.columns.front());
        const auto index =
            place == before.columns.end() ? live.columns.size() : static_cast<std::size_t>(place->second - 1);
        if (index >= live.columns.size()) co_return uses;  // a column that the change adds
        const auto attnum = std::to_string(live.columns[index].attnum);
        const std::string of_keys = part.kind == PartKind::drop_column ? "t" : "f";
        const auto used = co_await connection.query(column_uses, postgres::params(oid, attnum, of_keys));
        if (!used.empty() && uses.used_by.empty()) uses.used_by = used.str(0, 0);
        if (part.kind == PartKind::alter_type) {
            const auto type = co_await connection.query(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND "
                "attname = $2",
                postgres::params(stand_in.sql(), part.columns.front()));
            co_await ask_about_keys(connection, live.oid, attnum, type.str(0, 0), stand_in.schema, uses);
        } else {
            const auto keys = co_await connection.query(column_keys, postgres::params(oid, attnum));
            for (int row = 0; row < keys.rows(); ++row) lock_too(uses, {keys.str(row, 0), keys.str(row, 1)});
        }
    }
    if (part.kind == PartKind::drop_constraint || part.kind == PartKind::drop_index) {
        const std::string what = part.kind == PartKind::drop_index ? "index" : "constraint";
        const auto used = co_await connection.query(object_uses, postgres::params(oid, part.name, what));
        if (!used.empty()) uses.used_by = used.str(0, 0);
    }
    if (part.kind == PartKind::drop_constraint) {
        const auto other = co_await connection.query(key_refers_to, postgres::params(oid, part.name));
        uses.locks = names(other);
    }
    co_return uses;
}

}  // namespace pgwraith::online
