// find_relation and read_table: the catalogs' rows into the structs of table.h.
#include <charconv>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

namespace {

using postgres::Connection;
using postgres::Result;

constexpr std::string_view relation_sql = R"sql(
SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, c.relispartition,
       EXISTS (SELECT FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid
                WHERE c.oid IN (i.inhrelid, i.inhparent) AND h.relpersistence <> 't'),
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') OR c.oid < 16384,
       coalesce((SELECT format('%I.%I', yn.nspname, y.typname) FROM pg_type y JOIN pg_namespace yn ON yn.oid = y.typnamespace
                  WHERE y.oid = c.reloftype), ''), coalesce(am.amname, ''), pg_get_userbyid(c.relowner), coalesce(s.spcname, ''),
       coalesce((SELECT string_agg(p.prefix || o.option_name || '=' || quote_literal(o.option_value), ', ')
                   FROM (VALUES ('', c.reloptions), ('toast.', t.reloptions)) AS p (prefix, options),
                        LATERAL pg_options_to_table(p.options) AS o), ''),
       coalesce(pg_relation_filenode(c.oid), 0), c.reltuples, coalesce(pg_relation_size(c.oid), 0),
       current_setting('block_size'),
       coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0), coalesce(pg_indexes_size(c.oid), 0),
       obj_description(c.oid, 'pg_class'), c.relrowsecurity, c.relforcerowsecurity, c.relacl IS NULL
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
 WHERE c.oid = $table)sql";

// From 18 on, NOT NULL may be NOT VALID: then there may be rows with NULL, although attnotnull is set.
// Whether a default is immutable is read from its expression tree: dependencies on built-in functions are not
// recorded in pg_depend. A node that is not in this list (CURRENT_TIMESTAMP, nextval, a cast through text …)
// counts as not immutable, and so does every function that is not.
// pg_attver is kept by the server itself among the options (seen on 15.20 and 17.12); pg_dump leaves it out too.
// A default refers to no column; told the table, older servers gather all its columns' names for each default.
constexpr std::string_view columns_sql = R"sql(
SELECT a.attnum, a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, -1),
       a.attlen, coalesce(quote_ident(cn.nspname) || '.' || quote_ident(co.collname), ''),
       a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n'
                                       AND a.attnum = ANY (k.conkey) AND NOT k.convalidated),
       pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END),
       d.adbin IS NOT NULL
         AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, '\{([A-Z_]+)', 'g') AS m
                          WHERE m[1] NOT IN ('CONST', 'FUNCEXPR', 'OPEXPR', 'DISTINCTEXPR', 'NULLIFEXPR',
                                'SCALARARRAYOPEXPR', 'BOOLEXPR', 'RELABELTYPE', 'CASE', 'CASEEXPR', 'WHEN',
                                'CASEWHEN', 'COALESCE', 'COALESCEEXPR', 'NULLTEST', 'BOOLEANTEST', 'ARRAY',
                                'ARRAYEXPR', 'VAR', 'COLLATE', 'COLLATEEXPR'))
         AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') AS m
                           LEFT JOIN pg_proc p ON p.oid = m[1]::oid
                          WHERE p.provolatile IS DISTINCT FROM 'i'),
       a.attidentity, a.attgenerated, y.typarray <> 0, a.attndims,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, a.attstorage, y.typstorage, a.attcompression,
       coalesce((SELECT string_agg(o.option_name || '=' || quote_literal(o.option_value), ', ')
                   FROM pg_options_to_table(a.attoptions) AS o WHERE o.option_name <> 'pg_attver'), ''),
       col_description(a.attrelid, a.attnum)
  FROM pg_attribute a
  JOIN pg_type y ON y.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
 WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum)sql";

// Constraint triggers (type 't') are triggers, not constraints.
constexpr std::string_view constraints_sql = R"sql(
SELECT oid, conname, contype, pg_get_constraintdef(oid), convalidated, condeferrable, condeferred,
       CASE WHEN contype IN ('p', 'u', 'x') THEN conindid ELSE 0 END, obj_description(oid, 'pg_constraint')
  FROM pg_constraint
 WHERE conrelid = $table AND contype <> 't'
 ORDER BY conname)sql";

constexpr std::string_view indexes_sql = R"sql(
SELECT c.oid, c.relname, pg_get_indexdef(c.oid), i.indisunique, i.indisprimary, i.indisvalid AND i.indisready AND i.indislive,
       i.indimmediate, i.indisclustered, i.indisreplident, i.indpred IS NOT NULL, i.indexprs IS NOT NULL,
       am.amname, coalesce(s.spcname, ''),
       array_to_string((string_to_array(i.indkey::text, ' '))[1:i.indnkeyatts], ' '),
       coalesce((SELECT k.oid FROM pg_constraint k
                  WHERE k.conindid = c.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')), 0),
       obj_description(c.oid, 'pg_class'),
       coalesce((SELECT string_agg(a.attnum || ' ' || a.attstattarget, ' ' ORDER BY a.attnum) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attstattarget >= 0), ''),
       coalesce((SELECT string_agg(format('%I', x.extname), E'\n' ORDER BY x.extname)
                   FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'), '')
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
 WHERE i.indrelid = $table
 ORDER BY c.relname)sql";

constexpr std::string_view statistics_sql = R"sql(
SELECT s.oid, n.nspname, s.stxname, $statistics, pg_get_userbyid(s.stxowner),
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END, obj_description(s.oid, 'pg_statistic_ext')
  FROM pg_statistic_ext s
  JOIN pg_namespace n ON n.oid = s.stxnamespace
 WHERE s.stxrelid = $table
 ORDER BY n.nspname, s.stxname)sql";

// In the order of the ACL: a grantor's own right comes before what it granted.
constexpr std::string_view grants_sql = R"sql(
WITH relations (oid) AS (
  SELECT $table::oid
  UNION ALL
  SELECT d.objid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $table
     AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')),
acls (relation, attnum, name, acl) AS (
  SELECT c.oid, 0, '', c.relacl FROM pg_class c JOIN relations USING (oid)
  UNION ALL
  SELECT a.attrelid, a.attnum, a.attname, a.attacl FROM pg_attribute a
   WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped)
SELECT l.relation, x.privilege_type, l.name,
       CASE WHEN x.grantee = 0 THEN '' ELSE pg_get_userbyid(x.grantee) END,
       pg_get_userbyid(x.grantor), x.is_grantable
  FROM acls l, LATERAL aclexplode(l.acl) WITH ORDINALITY AS x
 ORDER BY l.relation, l.attnum, x.ordinality)sql";

constexpr std::string_view sequences_sql = R"sql(
SELECT c.oid, n.nspname, c.relname, d.refobjsubid, d.deptype = 'i', format_type(s.seqtypid, NULL),
       s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcache, s.seqcycle,
       c.relpersistence, pg_get_userbyid(c.relowner), c.relacl IS NULL, obj_description(c.oid, 'pg_class')
  FROM pg_depend d
  JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_sequence s ON s.seqrelid = c.oid
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
   AND d.refobjid = $table AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
 ORDER BY d.refobjsubid, n.nspname, c.relname)sql";

std::vector<int> numbers(std::string_view text) {
    std::vector<int> out;
    for (std::size_t at = 0; at < text.size();) {
        int value = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
        ensure(error == std::errc{}, "a list of numbers from the catalogs does not parse");
        out.push_back(value);
        at = static_cast<std::size_t>(end - text.data()) + 1;
    }
    return out;
}

// A row's columns one after the other; what is read says how.
class Fields {
  public:
    Fields(const Result& rows, int row) : rows_(rows), row_(row) {}

    template <typename... To>
    void read(To&... to) {
        (next(to), ...);
    }

  private:
    void next(std::string& to) { to = rows_.str(row_, at_++); }
    void next(std::optional<std::string>& to) { to = rows_.optional_text(row_, at_++); }
    void next(QualifiedName& to) { read(to.schema, to.name); }
    void next(bool& to) { to = rows_.boolean(row_, at_++); }
    void next(char& to) { to = catalog_char(rows_.text(row_, at_++)); }
    template <typename Kind>
    requires std::is_enum_v<Kind>
    void next(Kind& to) { to = static_cast<Kind>(catalog_char(rows_.text(row_, at_++))); }
    void next(int& to) { to = static_cast<int>(rows_.int64(row_, at_++)); }
    void next(std::optional<int>& to) {
        to.reset();
        if (rows_.is_null(row_, at_)) {
            ++at_;
        } else {
            next(to.emplace());
        }
    }
    void next(std::int64_t& to) { to = rows_.int64(row_, at_++); }
    void next(std::uint64_t& to) { to = rows_.uint64(row_, at_++); }
    void next(Oid& to) { to = rows_.oid(row_, at_++); }
    void next(double& to) { to = rows_.number(row_, at_++); }
    void next(std::vector<int>& to) { to = numbers(rows_.text(row_, at_++)); }

    const Result& rows_;
    int row_;
    int at_ = 0;
};

Table table_from(Oid oid, const Result& rows) {
    ensure(rows.rows() == 1, "read_table: there is no such relation");
    Table table;
    table.oid = oid;
    std::uint64_t block_size = 0;
    Fields(rows, 0).read(table.name, table.kind, table.persistence, table.replica_identity, table.is_partition,
                         table.has_inheritance, table.system, table.of_type, table.access_method, table.owner,
                         table.tablespace, table.storage_parameters, table.file_node, table.row_estimate,
                         table.heap_bytes, block_size, table.toast_bytes, table.index_bytes, table.comment,
                         table.row_security, table.force_row_security, table.default_acl);
    table.blocks = table.heap_bytes / block_size;
    return table;
}

Column column_from(const Result& rows, int row) {
    Column column;
    Fields(rows, row).read(column.attnum, column.name, column.type, column.type_sql, column.base_type_sql,
                           column.length, column.collation_sql, column.not_null, column.default_sql,
                           column.default_immutable, column.identity, column.generated, column.array_type_exists,
                           column.dimensions, column.statistics_target, column.storage, column.default_storage,
                           column.compression, column.options, column.comment);
    return column;
}

Constraint constraint_from(const Result& rows, int row) {
    Constraint constraint;
    Fields(rows, row).read(constraint.oid, constraint.name, constraint.type, constraint.definition,
                           constraint.validated, constraint.deferrable, constraint.deferred, constraint.index,
                           constraint.comment);
    return constraint;
}

Index index_from(const Result& rows, int row) {
    Index index;
    std::vector<int> targets;
    Fields(rows, row).read(index.oid, index.name, index.definition, index.unique, index.primary, index.valid,
                           index.immediate, index.clustered, index.replica_identity, index.partial, index.expressions,
                           index.method, index.tablespace, index.key_attnums, index.constraint, index.comment, targets,
                           index.extensions);
    for (std::size_t i = 0; i + 1 < targets.size(); i += 2) {
        index.statistics_targets.emplace_back(targets[i], targets[i + 1]);
    }
    return index;
}

Statistics statistics_from(const Result& rows, int row) {
    Statistics statistics;
    Fields(rows, row).read(statistics.oid, statistics.name, statistics.definition, statistics.owner, statistics.target,
                           statistics.comment);
    return statistics;
}

Sequence sequence_from(const Result& rows, int row) {
    Sequence sequence;
    Fields(rows, row).read(sequence.oid, sequence.name, sequence.column, sequence.identity, sequence.type,
                           sequence.start, sequence.minimum, sequence.maximum, sequence.increment, sequence.cache,
                           sequence.cycle, sequence.persistence, sequence.owner, sequence.default_acl,
                           sequence.comment);
    return sequence;
}

// REQUIRES: the sequences are read already.
void add_grants(Table& table, const Result& rows) {
    for (int row = 0; row < rows.rows(); ++row) {
        Grant grant{.privilege = rows.str(row, 1),
                    .column = rows.str(row, 2),
                    .grantee = rows.str(row, 3),
                    .grantor = rows.str(row, 4),
                    .grantable = rows.boolean(row, 5)};
        const Oid relation = rows.oid(row, 0);
        if (relation == table.oid) {
            table.grants.push_back(std::move(grant));
            continue;
        }
        for (Sequence& sequence : table.sequences) {
            if (sequence.oid == relation) {
                sequence.grants.push_back(std::move(grant));
                break;
            }
        }
    }
}

template <typename T>
std::vector<T> all_rows(const Result& rows, T (*from)(const Result&, int)) {
    std::vector<T> out;
    for (int row = 0; row < rows.rows(); ++row) {
        out.push_back(from(rows, row));
    }
    return out;
}

}  // namespace

Task<std::optional<Oid>> find_relation(Connection& connection, QualifiedName name) {
    std::vector<postgres::Param> params{name.schema, name.name};
    const Result rows = co_await connection.query(
        "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relname = $2",
        std::move(params));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return rows.oid(0, 0);
}

Task<std::optional<QualifiedName>> find_name(Connection& connection, Oid relation) {
    const auto row = co_await connection.query(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.oid = $1::oid",
        postgres::params(std::to_string(relation)));
    if (row.empty()) co_return std::nullopt;
    co_return QualifiedName{row.str(0, 0), row.str(0, 1)};
}

Task<Table> read_table(Connection& connection, Oid oid) {
    Table table = table_from(oid, co_await query_qualified(connection, for_table(relation_sql, oid)));
    table.columns = all_rows(co_await query_qualified(connection, for_table(columns_sql, oid)), &column_from);
    table.constraints =
        all_rows(co_await query_qualified(connection, for_table(constraints_sql, oid)), &constraint_from);
    table.indexes = all_rows(co_await query_qualified(connection, for_table(indexes_sql, oid)), &index_from);
    table.statistics =
        all_rows(co_await query_qualified(connection, for_table(with_statistics(std::string(statistics_sql)), oid)),
                 &statistics_from);
    table.sequences = all_rows(co_await query_qualified(connection, for_table(sequences_sql, oid)), &sequence_from);
    add_grants(table, co_await query_qualified(connection, for_table(grants_sql, oid)));
    co_return table;
}

}  // namespace pgwraith::catalog
