// Foreign keys of the table and to it.
//
// The keys of the old table go in the swap, although it may be kept: their triggers on the other tables would go on to
// hold the application's changes against the old table's dead rows. The new ones are added NOT VALID, which reads no
// row, and validated after the commit, which keeps nobody from writing. Both DROP and ADD lock the other table too.
//
// Before PostgreSQL 18 a partitioned table takes no key that is NOT VALID. Its leaves do: they get theirs in the swap
// and are validated, and then the key of the whole is added, finds them valid, and reads nothing. Source:
// tryAttachPartitionForeignKey() in PostgreSQL's tablecmds.c.
#include <fmt/format.h>

#include <set>

#include "carriers.h"
#include "pgwraith/carry/orphans.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::carry {

namespace {

using shadow::ForeignKey;

std::string alter(const QualifiedName& table, const std::string& what) {
    return fmt::format("ALTER TABLE {} {}", table.sql(), what);
}

std::string comment_sql(const ForeignKey& key) {
    return fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(key.name), key.child.sql(),
                       quote_literal(*key.comment));
}

// A partitioned one is locked with its partitions.
Task<std::vector<Lock>> lock_other(postgres::Connection& connection, QualifiedName table, Turn turn) {
    // LOCK may be refused: it wants more rights than the keys do.
    const postgres::Result rows = co_await connection.query(
        "SELECT n.nspname, c.relname, has_table_privilege($1, 'UPDATE, DELETE, TRUNCATE') "
        "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        " WHERE c.oid = $1::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree($1))",
        postgres::params(table.sql()));
    std::vector<Lock> locks;
    for (int row = 0; row < rows.rows(); ++row) {
        const QualifiedName name{rows.str(row, 0), rows.str(row, 1)};
        locks.push_back(table_lock(turn, name, rows.boolean(row, 2) && name == table));
    }
    co_return locks;
}

// The keys that stand now.
struct Present {
    Carried carried;                                         // drops them
    std::set<std::pair<QualifiedName, std::string>> proven;  // child and name of validated keys
};

Task<Present> drop_present(postgres::Connection& connection, catalog::Table live) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(R"sql(
          SELECT cn.nspname, c.relname, k.conname, n.nspname, o.relname,
                 o.oid <> $table, k.convalidated
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
        if (rows.boolean(row, 6)) present.proven.emplace(child, rows.str(row, 2));
        const QualifiedName other{rows.str(row, 3), rows.str(row, 4)};
        carried.before_move.push_back(alter(child, "DROP CONSTRAINT " + quote_identifier(rows.text(row, 2))));
        if (!rows.boolean(row, 5)) continue;
        auto turn = Turn::before;
        if (child != live.name) turn = Turn::after_live;
        const auto locks = co_await lock_other(connection, other, turn);
        carried.locks.insert(carried.locks.end(), locks.begin(), locks.end());
    }
    co_return present;
}

// Writers of the partitioned table queue behind this wait. It is tried several times.
constexpr const char* wait_a_moment = "SET LOCAL lock_timeout = '300ms'; ";

struct Part {
    QualifiedName table;
    std::string constraint;
    bool leaf = true;
    bool own_name = false;  // not that of the key which it is part of
};

// The partitions' parts of the key that stands now, the deepest first.
Task<std::vector<Part>> parts_of(postgres::Connection& connection, Oid live, ForeignKey key) {
    const postgres::Result rows = co_await connection.query(
        "WITH RECURSIVE tree (oid, conrelid, conname, depth, own_name) AS ("
        "  SELECT k.oid, k.conrelid, k.conname, 0, false FROM pg_constraint k "
        "   WHERE k.contype = 'f' AND k.confrelid = $1::oid AND k.conparentid = 0 "
        "     AND k.conrelid = to_regclass($2)::oid AND k.conname = $3 "
        "  UNION ALL SELECT k.oid, k.conrelid, k.conname, t.depth + 1, k.conname <> t.conname "
        "    FROM pg_constraint k JOIN tree t ON k.conparentid = t.oid) "
        "SELECT n.nspname, c.relname, t.conname, c.relkind = 'r', t.own_name FROM tree t "
        "  JOIN pg_class c ON c.oid = t.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.depth > 0 ORDER "
        "BY t.depth DESC, 1, 2",
        postgres::params(std::to_string(live), key.child.sql(), key.name));
    std::vector<Part> parts;
    for (int row = 0; row < rows.rows(); ++row) {
        parts.push_back(
            {{rows.str(row, 0), rows.str(row, 1)}, rows.str(row, 2), rows.boolean(row, 3), rows.boolean(row, 4)});
    }
    co_return parts;
}

Task<bool> takes_no_not_valid(postgres::Connection& connection, QualifiedName child) {
    if (connection.server_version() >= postgres::since::not_valid_on_partitioned) co_return false;
    const postgres::Result kind = co_await connection.query(
        "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass($1)", postgres::params(child.sql()));
    co_return !kind.empty() && kind.boolean(0, 0);
}

std::string add_key(const QualifiedName& table, const std::string& name, const ForeignKey& key, const char* how) {
    return alter(table, fmt::format("ADD CONSTRAINT {} {}{}", quote_identifier(name), key.definition, how));
}

void add_by_leaves(Carried& carried, const ForeignKey& key, const std::vector<Part>& parts) {
    for (const auto& part : parts) {
        if (!part.leaf) continue;
        carried.after_move.push_back(add_key(part.table, part.constraint, key, " NOT VALID"));
        carried.after_commit.push_back(validate_sql(part.table, part.constraint));
    }
    // Without partitions there is nothing to be read.
    auto& whole = parts.empty() ? carried.after_move : carried.after_commit;
    const std::string wait = parts.empty() ? "" : wait_a_moment;
    for (const auto& part : parts) {
        if (part.leaf || !part.own_name) continue;
        whole.push_back(wait + add_key(part.table, part.constraint, key, ""));
    }
    // One text, one transaction: the comment cannot be run without the key.
    auto last = wait + add_key(key.child, key.name, key, "");
    if (key.comment) last += "; " + comment_sql(key);
    whole.push_back(std::move(last));
}

}  // namespace

Task<Carried> carry_foreign_keys(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint) {
    Present present = co_await drop_present(connection, context.live);
    for (const auto& [before, now] : blueprint.renamed_constraints) {
        if (present.proven.contains({context.live.name, before})) present.proven.emplace(context.live.name, now);
    }
    Carried carried = present.carried;
    for (const auto& key : blueprint.foreign_keys) {
        if (key.added && key.parent != context.live.name) {
            const auto locks = co_await lock_other(connection, key.parent, Turn::before);
            carried.locks.insert(carried.locks.end(), locks.begin(), locks.end());
        }
        const auto parts = co_await parts_of(connection, context.live.oid, key);
        const bool by_leaves = co_await takes_no_not_valid(connection, key.child);
        if (by_leaves) {
            add_by_leaves(carried, key, parts);
            continue;
        }
        // A part that has a name of its own: the key of the whole finds it and makes it its own.
        for (const auto& part : parts) {
            if (!part.own_name) continue;
            carried.after_move.push_back(add_key(part.table, part.constraint, key, key.enforced ? " NOT VALID" : ""));
        }
        carried.after_move.push_back(add_key(key.child, key.name, key, key.enforced ? " NOT VALID" : ""));
        if (key.comment) carried.after_move.push_back(comment_sql(key));
        // A key that was NOT VALID may have been validated since, by its owner or by another migration that made it
        // anew.
        const bool proven = key.validated || present.proven.contains({key.child, key.name});
        if (proven && key.enforced) carried.after_commit.push_back(validate_sql(key.child, key.name));
    }
    co_return carried;
}

}  // namespace pgwraith::carry
