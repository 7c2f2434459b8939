// Foreign keys of the table and to it.
//
// The keys of the old table go in the swap, although it may be kept: their triggers on the other tables would go on to
// hold the application's changes against the old table's dead rows. The new ones are added NOT VALID, which reads no
// row, and validated after the commit, which keeps nobody from writing. Both DROP and ADD lock the other table too.
#include <fmt/format.h>

#include <set>

#include "carriers.h"
#include "pgwraith/carry/orphans.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::carry {

namespace {

using shadow::ForeignKey;

std::string alter(const QualifiedName& table, const std::string& what) {
    return fmt::format("ALTER TABLE {} {}", table.sql(), what);
}

// The keys that stand now.
struct Present {
    Carried carried;                                         // drops them
    std::set<std::pair<QualifiedName, std::string>> proven;  // child and name of those that are validated
};

// With the other tables, which LOCK may be refused for: it wants more rights than the keys do.
Task<Present> drop_present(postgres::Connection& connection, catalog::Table live) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(R"sql(
          SELECT cn.nspname, c.relname, k.conname, n.nspname, o.relname,
                 has_table_privilege(o.oid, 'UPDATE, DELETE, TRUNCATE'), o.oid <> $table, k.convalidated
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
            JOIN pg_class o ON o.oid = CASE WHEN k.conrelid = $table THEN k.confrelid ELSE k.conrelid END
            JOIN pg_namespace n ON n.oid = o.relnamespace
           WHERE k.contype = 'f' AND k.conparentid = 0 AND $table IN (k.conrelid, k.confrelid)
           ORDER BY k.oid)sql",
                                                                                                   live.oid));
    Present present;
    auto& carried = present.carried;
    for (int row = 0; row < rows.rows(); ++row) {
        const QualifiedName child{rows.str(row, 0), rows.str(row, 1)};
        if (rows.boolean(row, 7)) present.proven.emplace(child, rows.str(row, 2));
        const QualifiedName other{rows.str(row, 3), rows.str(row, 4)};
        carried.before_move.push_back(alter(child, "DROP CONSTRAINT " + quote_identifier(rows.text(row, 2))));
        if (!rows.boolean(row, 5) || !rows.boolean(row, 6)) continue;
        auto& locks = child == live.name ? carried.lock_also : carried.lock_after;
        locks.push_back(other);
    }
    co_return present;
}

}  // namespace

Task<Carried> carry_foreign_keys(postgres::Connection& connection, CarryContext context, std::vector<ForeignKey> keys) {
    const Present present = co_await drop_present(connection, context.live);
    Carried carried = present.carried;
    for (const auto& key : keys) {
        if (key.added && key.parent != context.live.name) {
            const auto may_lock = co_await connection.query(
                "SELECT has_table_privilege($1, 'UPDATE, DELETE, TRUNCATE')", postgres::params(key.parent.sql()));
            if (may_lock.boolean(0, 0)) carried.lock_also.push_back(key.parent);
        }
        const auto name = quote_identifier(key.name);
        carried.after_move.push_back(alter(
            key.child, fmt::format("ADD CONSTRAINT {} {}{}", name, key.definition, key.enforced ? " NOT VALID" : "")));
        if (key.comment) {
            carried.after_move.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", name, key.child.sql(),
                                                     quote_literal(*key.comment)));
        }
        // A key that was NOT VALID may have been validated since, by its owner or by another migration that made it
        // anew.
        const bool proven = key.validated || present.proven.contains({key.child, key.name});
        if (proven && key.enforced) carried.after_commit.push_back(validate_sql(key.child, key.name));
    }
    co_return carried;
}

}  // namespace pgwraith::carry
