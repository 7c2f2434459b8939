#include "followed_key.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pgwraith::shadow {

namespace {

// For each key column in order ($2 …: names, operators, collations, directions): the index's column of that place is
// this one, with the operators that we use in its family, its collation, and its direction. A direction that is the
// other one throughout is as good: the index is read backwards.
// An arbiter is what ON CONFLICT over these columns would take: any unique index of just these, whatever it calls
// equal.
constexpr const char* usable_sql = R"sql(
SELECT coalesce(bool_or(usable), false),
       count(*) FILTER (WHERE arbiter) = 1 AND coalesce(bool_or(usable AND arbiter AND indimmediate), false)
  FROM (
  SELECT i.indimmediate,
         i.indisunique AND i.indnkeyatts = cardinality($2::name[])
         AND (SELECT count(*) FROM pg_attribute a
               WHERE a.attrelid = i.indrelid AND a.attname = ANY ($2::name[])
                 AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) = i.indnkeyatts AS arbiter,
         m.amname = 'btree' AND i.indnkeyatts >= cardinality($2::name[])
         AND (SELECT bool_and(a.attnum IS NOT NULL AND f.opcfamily IS NOT NULL)
                     AND (bool_and((i.indoption[k.n::int - 1]::int & 3) = k.option)
                          OR bool_and((i.indoption[k.n::int - 1]::int & 3) = 3 - k.option))
                FROM unnest($2::name[], $3::text[], $4::text[], $5::text[], $6::int[])
                     WITH ORDINALITY AS k (name, equals, less, coll, option, n)
                LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = k.name AND NOT a.attisdropped
                      AND a.attnum = i.indkey[k.n::int - 1]
                      AND i.indcollation[k.n::int - 1]
                          = CASE WHEN k.coll = '' THEN a.attcollation ELSE to_regcollation(k.coll)::oid END
                LEFT JOIN pg_opclass f ON f.oid = i.indclass[k.n::int - 1]
                      AND EXISTS (SELECT FROM pg_amop e JOIN pg_operator o ON o.oid = e.amopopr
                                    JOIN pg_namespace s ON s.oid = o.oprnamespace
                                   WHERE e.amopfamily = f.opcfamily AND e.amopstrategy = 3
                                     AND e.amoplefttype = f.opcintype AND e.amoprighttype = f.opcintype
                                     AND format('OPERATOR(%s.%s)', quote_ident(s.nspname), o.oprname) = k.equals)
                      AND EXISTS (SELECT FROM pg_amop e JOIN pg_operator o ON o.oid = e.amopopr
                                    JOIN pg_namespace s ON s.oid = o.oprnamespace
                                   WHERE e.amopfamily = f.opcfamily AND e.amopstrategy = 1
                                     AND e.amoplefttype = f.opcintype AND e.amoprighttype = f.opcintype
                                     AND format('OPERATOR(%s.%s)', quote_ident(s.nspname), o.oprname) = k.less))
         AS usable
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
   WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL) AS indexes)sql";

std::string index_column(const plan::MappedKeyColumn& column) {
    std::string sql = quote_identifier(column.shadow_name);
    if (!column.live.collation.empty()) sql += " COLLATE " + column.live.collation;
    // Another type has an operator class of its own.
    const bool same_type = column.live.base_type_sql == column.shadow_type_sql;
    if (!column.live.opclass.empty() && same_type) sql += " " + column.live.opclass;
    if (column.live.descending) sql += " DESC";
    return sql + (column.live.nulls_first ? " NULLS FIRST" : " NULLS LAST");
}

}  // namespace

Task<KeyIndexes> indexes_of_key(postgres::Connection& connection, catalog::Table shadow, plan::Mapping mapping) {
    std::vector<std::string_view> names, equals, less, collations;
    std::vector<std::string> options, columns;
    for (const auto& column : mapping.key) {
        names.push_back(column.shadow_name);
        equals.push_back(column.live.equals);
        less.push_back(column.live.less);
        collations.push_back(column.live.collation);
        options.push_back(std::to_string((column.live.descending ? 1 : 0) + (column.live.nulls_first ? 2 : 0)));
        columns.push_back(index_column(column));
    }
    const std::vector<std::string_view> option_views(options.begin(), options.end());
    const auto usable = co_await connection.query(
        usable_sql, postgres::params(std::to_string(shadow.oid), postgres::array_literal(names),
                                     postgres::array_literal(equals), postgres::array_literal(less),
                                     postgres::array_literal(collations), postgres::array_literal(option_views)));
    KeyIndexes found{{}, usable.boolean(0, 1)};
    if (usable.boolean(0, 0)) co_return found;
    IndexPlan plan;
    plan.name = "pgwraith_key";
    plan.helper = true;
    plan.create_sql = fmt::format("SET default_tablespace = ''; CREATE INDEX {} ON {} USING btree ({})",
                                  quote_identifier(plan.name), shadow.name.sql(), fmt::join(columns, ", "));
    const auto failure = co_await postgres::try_and_undo(connection, plan.create_sql);
    if (failure) {
        throw Error(ErrorKind::refused,
                    "the new table has no index on the key that is followed, and none can be made for the time of the "
                    "migration: " +
                        failure->message(),
                    "Keep the key's index, and drop it when the table has its new shape.");
    }
    found.helper = std::move(plan);
    co_return found;
}

}  // namespace pgwraith::shadow
