#include "unique_keys.h"

#include "pgwraith/catalog/qualified.h"

namespace pgwraith::online {

namespace {

// GROUP BY compares by the default operator class of the type. Another one may have the same operator.
constexpr const char* unique_key_sql = R"sql(
SELECT pg_get_indexdef(i.indexrelid, k.n, false),
       (SELECT quote_ident(s.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c
          JOIN pg_namespace s ON s.oid = c.collnamespace WHERE c.oid = i.indcollation[k.n - 1]),
       pg_get_expr(i.indpred, i.indrelid),
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       EXISTS (SELECT FROM pg_amop mine JOIN pg_amop theirs ON theirs.amopopr = mine.amopopr
                 JOIN pg_opclass d ON d.opcfamily = theirs.amopfamily AND d.opcintype = theirs.amoplefttype
                WHERE mine.amopfamily = o.opcfamily AND mine.amoplefttype = o.opcintype
                  AND mine.amoprighttype = o.opcintype AND mine.amopstrategy = 3 AND theirs.amopstrategy = 3
                  AND theirs.amoplefttype = theirs.amoprighttype AND d.opcintype = o.opcintype AND d.opcdefault
                  AND d.opcmethod = m.oid)
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
 CROSS JOIN LATERAL generate_series(1, i.indnkeyatts::int) AS k (n)
  JOIN pg_opclass o ON o.oid = i.indclass[k.n - 1]
 WHERE i.indisunique AND i.indexrelid = $table ORDER BY k.n)sql";

}  // namespace

Task<std::optional<plan::UniqueKey>> read_unique_key(postgres::Connection& connection, Oid index) {
    const auto rows = co_await catalog::query_qualified(connection, catalog::for_table(unique_key_sql, index));
    if (rows.empty()) co_return std::nullopt;
    plan::UniqueKey key;
    for (int row = 0; row < rows.rows(); ++row) {
        if (!rows.boolean(row, 4)) co_return std::nullopt;
        key.elements.push_back(rows.str(row, 0));
        key.collations.push_back(rows.str(row, 1));
    }
    key.predicate = rows.str(0, 2);
    key.nulls_not_distinct = rows.boolean(0, 3);
    co_return key;
}

}  // namespace pgwraith::online
