// Of the indexes that could be followed the first whose operator classes allow it.
#include <fmt/format.h>

#include "key_choice.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

// Strategies of btree: less, less or equal, equal, greater or equal, greater. indoption: 1 is DESC, 2 NULLS FIRST.
constexpr std::string_view operators_sql = R"sql(
SELECT k.attnum, oc.opcintype, o.names[3], o.names[1], o.names[2], o.names[5], o.names[4],
       CASE WHEN k.coll <> a.attcollation
            THEN (SELECT format('%I.%I', n.nspname, ci.collname) FROM pg_namespace n WHERE n.oid = ci.collnamespace)
            ELSE '' END,
       CASE WHEN oc.opcdefault THEN '' ELSE format('%I.%I', ocn.nspname, oc.opcname) END,
       k.option::int & 1 <> 0, k.option::int & 2 <> 0,
       k.coll <> a.attcollation AND NOT (coalesce(ci.collisdeterministic, true)
                                              AND coalesce(ca.collisdeterministic, true))
  FROM pg_index i
 CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
                    WITH ORDINALITY AS k (attnum, class, coll, option, ord)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  JOIN pg_opclass oc ON oc.oid = k.class
  JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
  LEFT JOIN pg_collation ci ON ci.oid = k.coll
  LEFT JOIN pg_collation ca ON ca.oid = a.attcollation
 CROSS JOIN LATERAL (
   SELECT array_agg(coalesce((SELECT quote_ident(n.nspname) || '.' || p.oprname
                                FROM pg_amop m JOIN pg_operator p ON p.oid = m.amopopr
                                JOIN pg_namespace n ON n.oid = p.oprnamespace
                               WHERE m.amopfamily = oc.opcfamily AND m.amoppurpose = 's' AND m.amopstrategy = s
                                 AND m.amoplefttype = oc.opcintype AND m.amoprighttype = oc.opcintype), '')
                    ORDER BY s) AS names
     FROM generate_series(1, 5) AS s) AS o
 WHERE i.indexrelid = $table AND k.ord <= i.indnkeyatts
 ORDER BY k.ord)sql";

std::string operator_call(std::string_view qualified) {
    return qualified.empty() ? std::string{} : fmt::format("OPERATOR({})", qualified);
}

Task<std::vector<KeyOperators>> read_operators(postgres::Connection& connection, Oid index) {
    const postgres::Result rows = co_await query_qualified(connection, for_table(operators_sql, index));
    std::vector<KeyOperators> operators;
    for (int row = 0; row < rows.rows(); ++row) {
        operators.push_back({.attnum = static_cast<int>(rows.int64(row, 0)),
                             .input_type = rows.oid(row, 1),
                             .equals = operator_call(rows.text(row, 2)),
                             .less = operator_call(rows.text(row, 3)),
                             .less_equal = operator_call(rows.text(row, 4)),
                             .greater = operator_call(rows.text(row, 5)),
                             .greater_equal = operator_call(rows.text(row, 6)),
                             .collation = rows.str(row, 7),
                             .opclass = rows.str(row, 8),
                             .descending = rows.boolean(row, 9),
                             .nulls_first = rows.boolean(row, 10),
                             .foreign_determinism = rows.boolean(row, 11)});
    }
    co_return operators;
}

}  // namespace

Task<Key> choose_key(postgres::Connection& connection, Table table, KeyWish wish) {
    const std::vector<KeyIndex> choices = possible_keys(table, wish);
    std::optional<Key> key;
    std::optional<Error> refused;  // of the first, which is the one that is told
    for (std::size_t at = 0; at < choices.size() && !key; ++at) {
        const auto operators = co_await read_operators(connection, choices[at].index->oid);
        try {
            key = make_key(table, choices[at], operators);
            if (wish.automatic) key->why = why_this_one(table, choices, at);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::refused) throw;
            if (!refused) refused = error;
        }
    }
    if (!key) throw Error(*refused);
    co_return *std::move(key);
}

}  // namespace pgwraith::catalog
