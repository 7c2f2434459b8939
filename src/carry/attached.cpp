// Triggers, rules, policies and publications when columns are renamed.
//
// The server keeps them by attribute numbers and writes them out with the names of the moment. So they are put on an
// empty stand-in with the old table's columns, the columns are renamed there, and what the server says then is what the
// new table gets. All of it is undone.
#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "view_fates.h"

namespace pgwraith::carry {

namespace {

using postgres::Connection;

// A subquery on the table itself names the live table's columns, which are not renamed on the stand-in.
constexpr std::string_view self_references_sql = R"sql(
SELECT DISTINCT coalesce('policy ' || quote_ident(p.polname), 'rule ' || quote_ident(w.rulename)), a.attname
  FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  JOIN pg_class c ON c.oid = coalesce(p.polrelid, w.ev_class)
 WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $table AND d.refobjsubid > 0
   AND c.relnamespace = to_regnamespace('pgwraith_new_$table_names')
 ORDER BY 1, 2)sql";

Task<std::vector<Attached>> read_all(Connection& connection, Oid oid, std::string target) {
    std::vector<Attached> all = co_await read_triggers(connection, oid, target);
    auto append = [&all](const std::vector<Attached>& more) { all.insert(all.end(), more.begin(), more.end()); };
    std::vector<Attached> more = co_await read_rules(connection, oid, target);
    append(more);
    more = co_await read_policies(connection, oid, target);
    append(more);
    more = co_await read_publications(connection, oid, target);
    append(more);
    co_return all;
}

Task<void> refuse_self_references(Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(self_references_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    std::string uses;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto name = new_column_name(context.pair, rows.str(row, 1));
        if (!name || *name == rows.text(row, 1)) continue;
        if (!uses.empty()) uses += "; ";
        uses += fmt::format("{} of {} asks the table itself for the column {}, which the change renames to {}",
                            rows.text(row, 0), context.live.name.sql(), quote_identifier(rows.text(row, 1)),
                            quote_identifier(*name));
    }
    if (uses.empty()) co_return;
    throw Error(ErrorKind::refused, uses, "Drop it before the migration and create it again afterwards.");
}

Task<std::vector<Attached>> read_renamed(Connection& connection, CarryContext context, std::string target) {
    // Of the same name, which is in the texts.
    const QualifiedName stand_in{context.pair.shadow.schema + "_names", context.live.name.name};
    co_await connection.script(fmt::format("CREATE SCHEMA {}; CREATE TABLE {} (LIKE {})",
                                           quote_identifier(stand_in.schema), stand_in.sql(), context.live.name.sql()));
    const auto oid = co_await catalog::find_relation(connection, stand_in);
    ensure(oid.has_value(), "the stand-in exists");
    const auto known = co_await read_all(connection, context.live.oid, stand_in.sql());
    for (const auto& one : known) {
        std::optional<postgres::PgError> failure;
        for (const auto& statement : one.sql) {
            if (!failure) failure = co_await postgres::try_script(connection, statement);
        }
        if (!failure) continue;
        throw Error(ErrorKind::refused, fmt::format("{} cannot be made anew: {}", one.identity, failure->message()),
                    "Drop or change it before the migration; create it again afterwards.");
    }
    co_await refuse_self_references(connection, context);
    co_await connection.script(rename_sql(stand_in, context.pair.mapping));
    auto renamed = co_await read_all(connection, *oid, target);
    ensure(renamed.size() == known.size(), "a renamed column takes nothing along");
    for (std::size_t i = 0; i < known.size(); ++i) renamed[i].identity = known[i].identity;
    co_return renamed;
}

}  // namespace

Task<std::vector<Attached>> read_attached(Connection& connection, CarryContext context, std::string target) {
    std::vector<Attached> attached;
    if (!renames(context.pair.mapping)) {
        attached = co_await read_all(connection, context.live.oid, target);
        co_return attached;
    }
    auto work = read_renamed(connection, context, target);
    attached = co_await postgres::undone(connection, std::move(work));
    co_return attached;
}

}  // namespace pgwraith::carry
