#include "invalid_indexes.h"

#include <fmt/format.h>

#include "pgwraith/plan/server_text.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

namespace {

// A change of a column's type makes indexes anew, with other OIDs; their comments stay.
constexpr const char* mark = "pgwraith: not valid on the live table";

}  // namespace

Task<std::vector<Oid>> stand_in_invalid_indexes(postgres::Connection& connection, catalog::Table live,
                                                QualifiedName shadow) {
    std::vector<Oid> made;
    for (const auto& index : live.indexes) {
        if (index.valid) continue;
        const auto name = QualifiedName{shadow.schema, index.name}.sql();
        const auto failure = co_await postgres::try_script(
            connection, fmt::format("SAVEPOINT pgwraith_index; {}; COMMENT ON INDEX {} IS {}",
                                    plan::on_table(index.definition, shadow.sql()), name, quote_literal(mark)));
        if (failure) {
            co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_index");
            continue;
        }
        const auto oid = co_await connection.query("SELECT to_regclass($1)::oid", postgres::params(name));
        made.push_back(oid.oid(0, 0));
    }
    co_return made;
}

Task<void> drop_invalid_indexes(postgres::Connection& connection, QualifiedName shadow, std::vector<Oid> made) {
    if (made.empty()) co_return;
    std::vector<std::string> oids;
    for (const Oid oid : made) oids.push_back(std::to_string(oid));
    const std::vector<std::string_view> views(oids.begin(), oids.end());
    const auto left = co_await connection.query(
        "SELECT c.relname, EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid) FROM pg_index i "
        "JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass($1) "
        "AND (c.oid = ANY ($2::oid[]) OR obj_description(c.oid, 'pg_class') = $3)",
        postgres::params(shadow.sql(), postgres::array_literal(views), std::string(mark)));
    for (int row = 0; row < left.rows(); ++row) {
        if (left.boolean(row, 1)) {
            throw Error(ErrorKind::refused,
                        fmt::format("sql: the server refuses it: index \"{}\" is not valid", left.text(row, 0)),
                        "Leave the index out of `sql`, or build it anew first (REINDEX INDEX CONCURRENTLY).");
        }
        const QualifiedName index{shadow.schema, left.str(row, 0)};
        co_await connection.script("DROP INDEX " + index.sql());
    }
}

}  // namespace pgwraith::shadow
