#include "additions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "pgwraith/catalog/qualified.h"

namespace pgwraith::shadow {

namespace {

using catalog::Table;

constexpr std::string_view additions_sql = R"sql(
SELECT format('ALTER TABLE %I.%I %s', n.nspname, c.relname, what)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
       LATERAL (SELECT 'DISABLE ROW LEVEL SECURITY' WHERE c.relrowsecurity
                UNION ALL SELECT 'NO FORCE ROW LEVEL SECURITY' WHERE c.relforcerowsecurity) AS f (what)
 WHERE c.oid = $table
UNION ALL
SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger
 WHERE tgrelid = $table AND NOT tgisinternal
UNION ALL
SELECT format('DROP RULE %I ON %s', rulename, ev_class::regclass) FROM pg_rewrite WHERE ev_class = $table
UNION ALL
SELECT format('DROP POLICY %I ON %s', polname, polrelid::regclass) FROM pg_policy WHERE polrelid = $table
UNION ALL
SELECT format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, r.prrelid::regclass)
  FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = $table)sql";

struct Comparison {
    std::vector<std::string> found;

    template <typename T>
    void same(const char* what, const T& asked, const T& made) {
        if (asked != made) found.push_back(fmt::format("{}: \"{}\" instead of \"{}\"", what, made, asked));
    }
    void names(const char* what, const std::set<std::string>& asked, const std::set<std::string>& made) {
        for (const auto& name : made) {
            if (!asked.contains(name)) found.push_back(fmt::format("{} {} appeared", what, name));
        }
        for (const auto& name : asked) {
            if (!made.contains(name)) found.push_back(fmt::format("{} {} is gone", what, name));
        }
    }
};

std::string describe(const catalog::Column& column) {
    return fmt::format("{}{}{}{}{}{}, storage {}{}{}{}{}", column.type_sql,
                       column.collation_sql.empty() ? "" : " COLLATE ", column.collation_sql,
                       column.not_null ? " NOT NULL" : "", column.default_sql ? ", a default" : "",
                       column.identity != catalog::IdentityColumn::none ? ", identity" : "", column.storage,
                       column.compression != 0 ? ", a compression" : "",
                       column.statistics_target ? fmt::format(", statistics {}", *column.statistics_target) : "",
                       column.options.empty() ? "" : ", options ", column.options);
}

std::set<std::string> column_names(const Table& table) {
    std::set<std::string> names;
    for (const auto& column : table.columns) names.insert(column.name);
    return names;
}

// A key's index is named like its constraint; NOT NULL constraints have names of their own from PostgreSQL 18 on only.
std::set<std::string> part_names(const Table& table) {
    std::set<std::string> names;
    for (const auto& index : table.indexes) {
        if (index.valid) names.insert(index.name);
    }
    for (const auto& constraint : table.constraints) {
        if (constraint.type == catalog::ConstraintType::check) names.insert(constraint.name);
    }
    return names;
}

}  // namespace

std::vector<std::string> differences(const Table& live, const Table& copy) {
    Comparison compared;
    compared.same("access method", live.access_method, copy.access_method);
    compared.same("tablespace", live.tablespace, copy.tablespace);
    compared.same("storage parameters", live.storage_parameters, copy.storage_parameters);
    compared.same("persistence", letter(live.persistence), letter(copy.persistence));
    compared.same("replica identity", letter(live.replica_identity), letter(copy.replica_identity));
    compared.same("comment", live.comment.value_or(""), copy.comment.value_or(""));
    compared.same("row level security", false, copy.row_security || copy.force_row_security);
    compared.names("column", column_names(live), column_names(copy));
    compared.names("constraint or index", part_names(live), part_names(copy));
    for (const auto& column : live.columns) {
        const auto* made = copy.column(column.name);
        if (made == nullptr) continue;
        const auto what = "column " + column.name;
        compared.same(what.c_str(), describe(column), describe(*made));
    }
    return compared.found;
}

Task<void> take_off_additions(postgres::Connection& connection, QualifiedName shadow) {
    const auto oid = co_await catalog::find_relation(connection, shadow);
    ensure(oid.has_value(), "the shadow exists");
    const postgres::Result found =
        co_await catalog::query_qualified(connection, catalog::for_table(additions_sql, *oid));
    std::string sql;
    for (int row = 0; row < found.rows(); ++row) sql += found.str(row, 0) + "; ";
    if (sql.empty()) co_return;
    const auto failure = co_await postgres::try_script(connection, sql);
    if (!failure) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("an event trigger has added something to the shadow table that cannot be removed: {} ({})",
                            failure->message(), sql),
                "Disable that event trigger for the time of the migration (ALTER EVENT TRIGGER … DISABLE).");
}

Task<void> require_same(postgres::Connection& connection, Table live, QualifiedName shadow,
                        std::vector<catalog::EventTrigger> event_triggers) {
    if (event_triggers.empty()) co_return;  // nobody else was at work
    const auto oid = co_await catalog::find_relation(connection, shadow);
    ensure(oid.has_value(), "the shadow exists");
    const auto copy = co_await catalog::read_table(connection, *oid);
    const auto found = differences(live, copy);
    if (found.empty()) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("an empty copy of {} differs from it: {}; this database has {}", live.name.sql(),
                            fmt::join(found, "; "), catalog::in_words(event_triggers)),
                "Disable the event trigger that changes new tables for the time of the migration (ALTER EVENT TRIGGER "
                "… DISABLE), or have its function let the migration's role pass.");
}

}  // namespace pgwraith::shadow
