// Whether what hangs on the table will fit the new one: found before anything is made, not under the lock.
#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::carry {

namespace {

// Rules named _RETURN are views.
constexpr std::string_view column_uses_sql = R"sql(
SELECT DISTINCT a.attname, i.type || ' ' || i.identity,
       coalesce(g.tgrelid, y.polrelid, w.ev_class, pr.prrelid) = $table
  FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
  LEFT JOIN pg_policy y ON d.classid = 'pg_policy'::regclass AND y.oid = d.objid
  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  LEFT JOIN pg_publication_rel pr ON d.classid = 'pg_publication_rel'::regclass AND pr.oid = d.objid
  LEFT JOIN pg_class r ON r.oid = coalesce(w.ev_class, y.polrelid)
  LEFT JOIN pg_publication p ON p.oid = pr.prpubid,
       LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
 WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $table AND d.refobjsubid > 0
   AND d.classid IN ('pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass, 'pg_publication_rel'::regclass)
   AND w.rulename IS DISTINCT FROM '_RETURN' AND r.relpersistence IS DISTINCT FROM 't'
   AND p.pubname IS DISTINCT FROM 'pgwraith_$table'
 ORDER BY 1, 2)sql";

// Triggers that the server made for a constraint; only a superuser can have changed them.
constexpr std::string_view internal_triggers_sql = R"sql(
SELECT DISTINCT quote_ident(k.conname) || CASE WHEN g.tgrelid <> $table THEN ' on ' || g.tgrelid::regclass ELSE '' END
  FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint
 WHERE (g.tgrelid = $table OR $table IN (k.conrelid, k.confrelid)) AND g.tgisinternal AND g.tgenabled <> 'O'
 ORDER BY 1)sql";

Task<void> check_internal_triggers(postgres::Connection& connection, Oid live) {
    const std::string query = catalog::for_table(internal_triggers_sql, live);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    if (rows.empty()) co_return;
    throw Error(
        ErrorKind::refused,
        fmt::format("the trigger that enforces the constraint {} is disabled, or not enabled as usual: that is not "
                    "carried over to the new table",
                    rows.text(0, 0)),
        "ALTER TABLE … ENABLE TRIGGER ALL, or drop the constraint.");
}

// What is on the table itself follows a renamed column, see attached.cpp.
Task<void> check_columns(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(column_uses_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    std::vector<catalog::Refusal> refusals;
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string column = rows.str(row, 0);
        std::optional<std::string> name;
        for (const auto& mapped : context.pair.mapping.columns) {
            if (mapped.old_name == column) name = mapped.name;
        }
        if (name == column || (name && rows.boolean(row, 2))) continue;
        refusals.push_back(
            {fmt::format("{} uses the column {}, which the change {}", rows.text(row, 1), quote_identifier(column),
                         name ? "renames to " + quote_identifier(*name) : std::string{"drops"}),
             "Drop it, or change it so that it does not use the column, before the migration; create it again "
             "afterwards.",
             rows.str(row, 1)});
    }
    if (!refusals.empty()) throw catalog::Refused(std::move(refusals));
}

// The server is asked by making it on the shadow, inside the caller's transaction, and undoing that.
Task<void> try_on_shadow(postgres::Connection& connection, Attached attached) {
    std::string sql;
    for (const auto& statement : attached.sql) sql += statement + "; ";
    auto failure = co_await postgres::try_and_undo(connection, sql);
    if (!failure) co_return;
    const auto triggers = co_await catalog::read_event_triggers(connection);
    throw Error(
        ErrorKind::refused,
        fmt::format("{} cannot be made on the new table: {}", attached.identity,
                    catalog::message_with_origin(triggers, *failure)),
        catalog::remedy_for(triggers, *failure, "Drop or change it before the migration; create it again afterwards."));
}

}  // namespace

Task<void> check_carry(postgres::Connection& connection, CarryContext context) {
    co_await check_columns(connection, context);
    co_await check_sequences(connection, context);
    co_await check_rights(connection, context.live.oid);
    co_await check_internal_triggers(connection, context.live.oid);
    const auto all = co_await read_attached(connection, context, context.pair.shadow.sql());
    for (const auto& one : all) co_await try_on_shadow(connection, one);
    co_await try_foreign_rules(connection, context);
    co_await try_foreign_policies(connection, context);
}

}  // namespace pgwraith::carry
