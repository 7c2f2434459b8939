#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::carry {

namespace {

constexpr std::string_view publications_sql = R"sql(
SELECT p.pubname,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
          FROM unnest(pr.prattrs::int2[]) AS n JOIN pg_attribute a ON a.attrelid = pr.prrelid AND a.attnum = n),
       pg_get_expr(pr.prqual, pr.prrelid)
  FROM pg_publication_rel pr
  JOIN pg_publication p ON p.oid = pr.prpubid
 WHERE pr.prrelid = $table AND p.pubname <> 'pgwraith_$table'
 ORDER BY p.pubname)sql";

}  // namespace

Task<std::vector<Attached>> read_publications(postgres::Connection& connection, Oid live, std::string target) {
    const std::string query = catalog::for_table(publications_sql, live);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    std::vector<Attached> publications;
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string name = quote_identifier(rows.text(row, 0));
        std::string sql = fmt::format("ALTER PUBLICATION {} ADD TABLE ONLY {}", name, target);
        if (!rows.is_null(row, 1)) sql += fmt::format(" ({})", rows.text(row, 1));
        if (!rows.is_null(row, 2)) sql += fmt::format(" WHERE ({})", rows.text(row, 2));
        Attached publication;
        publication.identity = "publication " + name;
        publication.sql.push_back(plan::in_same_words(sql));
        publications.push_back(std::move(publication));
    }
    co_return publications;
}

// A publication follows the OID: its subscribers would silently get nothing any more. One of the whole schema needs
// nothing, since the old table leaves the schema and the new one enters it.
Task<Carried> leave_publications(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(publications_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    Carried carried;
    for (int row = 0; row < rows.rows(); ++row) {
        carried.before_move.push_back(fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}",
                                                  quote_identifier(rows.text(row, 0)), context.live.name.sql()));
    }
    co_return carried;
}

}  // namespace pgwraith::carry
