#include "copy_protocol.h"

#include <fmt/format.h>

namespace pgwraith::transfer {

namespace {

// Down through domains to the type that each column stands on. Faithful is what is received by these functions,
// whatever the type is called (citext is received as text is), and enums; a range, if what it is of is. Not arrays (a
// list of NULLs that holds none any more is lost), not xml (the declaration of its encoding), not what is sent as
// another text.
constexpr const char* columns_sql = R"sql(
WITH RECURSIVE filled AS (
    SELECT w.place, w.source, w.modifier, a.attname, a.atttypid AS type, a.atttypmod AS typmod, true AS in_force
      FROM unnest($2::text[], $3::oid[], $4::int4[]) WITH ORDINALITY AS w (name, source, modifier, place)
      JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attname = w.name AND NOT a.attisdropped
    UNION ALL
    SELECT f.place, f.source, f.modifier, f.attname, d.typbasetype,
           CASE WHEN f.typmod = -1 THEN d.typtypmod ELSE f.typmod END,
           f.in_force AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = d.oid AND NOT c.convalidated)
      FROM filled f JOIN pg_type d ON d.oid = f.type AND d.typtype = 'd'
), received (function) AS (
    SELECT oid FROM pg_proc
     WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'internal')
       AND prosrc IN ('boolrecv', 'bytearecv', 'charrecv', 'namerecv', 'int2recv', 'int4recv', 'int8recv', 'textrecv',
                      'oidrecv', 'float4recv', 'float8recv', 'cash_recv', 'macaddr_recv', 'macaddr8_recv', 'inet_recv',
                      'cidr_recv', 'bpcharrecv', 'varcharrecv', 'date_recv', 'time_recv', 'timetz_recv',
                      'timestamp_recv', 'timestamptz_recv', 'interval_recv', 'bit_recv', 'varbit_recv', 'numeric_recv',
                      'uuid_recv', 'enum_recv', 'json_recv', 'jsonb_recv', 'point_recv', 'lseg_recv', 'line_recv',
                      'box_recv', 'circle_recv', 'pg_lsn_recv', 'xid8recv', 'regclassrecv', 'regtyperecv')
)
SELECT f.attname, f.source = t.oid, t.typnamespace = 'pg_catalog'::regnamespace,
       f.typmod = -1 OR (f.source = t.oid AND f.modifier = f.typmod),
       t.typreceive IN (SELECT function FROM received) OR coalesce(s.typreceive IN (SELECT function FROM received), false),
       f.in_force, format_type(t.oid, -1)
  FROM filled f
  JOIN pg_type t ON t.oid = f.type AND t.typtype <> 'd'
  LEFT JOIN pg_range r ON r.rngtypid = t.oid
  LEFT JOIN pg_type s ON s.oid = r.rngsubtype
 ORDER BY f.place
)sql";

std::vector<FilledColumn> filled_columns(const plan::Mapping& mapping) {
    std::vector<FilledColumn> columns;
    for (const auto& column : mapping.columns) {
        if (!column.expression) continue;
        columns.emplace_back();
        columns.back().name = column.name;
        columns.back().expression = *column.expression;
    }
    return columns;
}

// Of which types the expressions are: no row is read for it.
Task<void> ask_types(postgres::Connection& connection, const shadow::Pair& pair, std::vector<FilledColumn>& columns) {
    const auto types = co_await connection.query(
        fmt::format("SELECT {} FROM ONLY {} WHERE false", plan::select_expressions(pair.mapping), pair.live.sql()));
    std::vector<std::string> sources, modifiers;
    std::vector<std::string_view> names;
    for (std::size_t n = 0; n < columns.size(); ++n) {
        names.push_back(columns[n].name);
        sources.push_back(std::to_string(types.type(static_cast<int>(n))));
        modifiers.push_back(std::to_string(types.type_modifier(static_cast<int>(n))));
    }
    const std::vector<std::string_view> source_texts(sources.begin(), sources.end());
    const std::vector<std::string_view> modifier_texts(modifiers.begin(), modifiers.end());
    const auto rows = co_await connection.query(
        columns_sql, postgres::params(std::to_string(pair.shadow_oid), postgres::array_literal(names),
                                      postgres::array_literal(source_texts), postgres::array_literal(modifier_texts)));
    ensure(rows.rows() == static_cast<int>(columns.size()), "the shadow has the columns that are filled");
    for (int row = 0; row < rows.rows(); ++row) {
        auto& column = columns[static_cast<std::size_t>(row)];
        column.same_type = rows.boolean(row, 1);
        column.built_in = rows.boolean(row, 2);
        column.same_modifier = rows.boolean(row, 3);
        column.faithful = rows.boolean(row, 4);
        column.in_force = rows.boolean(row, 5);
        column.cast_to = rows.str(row, 6);
    }
}

}  // namespace

CopyProtocol judge_columns(const std::vector<FilledColumn>& columns) {
    CopyProtocol protocol;
    for (const auto& column : columns) {
        const auto& name = column.name;
        if (!column.faithful) {
            protocol.obstacle = fmt::format(
                "the binary format of {} ({}) does not give back every value as it is stored", name, column.cast_to);
            return protocol;
        }
        if (!column.in_force) {
            protocol.obstacle = fmt::format("old values of {} need not meet its domain, and COPY asks them all", name);
            return protocol;
        }
        // What an assignment does that an explicit cast, or the type's own function, might not is known of built-in
        // types only.
        if (!column.built_in && !(column.same_type && column.same_modifier)) {
            protocol.obstacle = fmt::format("the values of {} become another type, {}, which is not PostgreSQL's own",
                                            name, column.cast_to);
            return protocol;
        }
        // Without its modifier: a value that is too long must fail rather than be cut.
        const auto value =
            column.same_type ? column.expression : fmt::format("({})::{}", column.expression, column.cast_to);
        protocol.select += (protocol.select.empty() ? "" : ", ") + value;
    }
    if (columns.empty()) protocol.obstacle = "no column is filled from the old one";
    return protocol;
}

Task<CopyProtocol> plan_copy_protocol(postgres::Connection& connection, shadow::Pair pair) {
    auto columns = filled_columns(pair.mapping);
    CopyProtocol protocol;
    try {
        if (!columns.empty()) co_await ask_types(connection, pair, columns);
        protocol = judge_columns(columns);
        const auto encoding = co_await connection.script("SHOW server_encoding");
        if (encoding.text(0, 0) != "UTF8") protocol.encoding = encoding.str(0, 0);
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient) throw;
        protocol.obstacle = "the types of its columns cannot be asked for: " + error.said();
    }
    co_return protocol;
}

std::string copy_in_sql(const shadow::Pair& pair) {
    return fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", pair.shadow.sql(),
                       plan::insert_columns(pair.mapping));
}

std::string copy_out_sql(const shadow::Pair& pair, const std::string& select, const std::string& where) {
    return fmt::format("COPY (SELECT {} FROM ONLY {} WHERE {}) TO STDOUT (FORMAT binary)", select, pair.live.sql(),
                       where);
}

}  // namespace pgwraith::transfer
