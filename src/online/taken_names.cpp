#include "taken_names.h"

#include <fmt/format.h>

namespace pgwraith::online {

using plan::Part;
using plan::PartKind;

namespace {

// What is the table's own the stand-in has too, and may lose by the user's statements.
constexpr const char* others_sql = R"sql(
SELECT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = $2 AND c.oid <> $3::oid
                  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = c.oid AND i.indrelid = $3::oid)),
       EXISTS (SELECT FROM pg_constraint k WHERE k.connamespace = n.oid AND k.conname = $2 AND k.conrelid <> $3::oid),
       EXISTS (SELECT FROM pg_statistic_ext s WHERE s.stxnamespace = n.oid AND s.stxname = $2 AND s.stxrelid <> $3::oid)
  FROM pg_namespace n WHERE n.nspname = $1)sql";

std::string name_given(const Part& part) {
    switch (part.kind) {
        case PartKind::create_index:
        case PartKind::add_unique:
        case PartKind::add_primary_key:
        case PartKind::add_exclusion:
        case PartKind::create_statistics:
            return part.name;
        case PartKind::add_constraint_using_index:
            return part.name == part.index ? std::string() : part.name;
        case PartKind::rename_index:
        case PartKind::rename_constraint:
            return part.new_name;
        default:
            return {};
    }
}

}  // namespace

Task<TakenNames::Owners> TakenNames::others(std::string name) {
    const auto found =
        co_await connection_.query(others_sql, postgres::params(live_.name.schema, name, std::to_string(live_.oid)));
    if (found.empty()) co_return Owners{};
    co_return Owners{found.boolean(0, 0), found.boolean(0, 1), found.boolean(0, 2)};
}

Task<void> TakenNames::take(std::string name, Owners owners) {
    const auto quoted = quote_identifier(name);
    const auto beside = [&] { return QualifiedName{schema_, fmt::format("pgwraith_taken_{}", ++made_)}.sql(); };
    std::string sql;
    if (owners.relation) sql += fmt::format("CREATE TABLE IF NOT EXISTS {} ();", QualifiedName{schema_, name}.sql());
    if (owners.constraint) sql += fmt::format("CREATE TABLE {} (x int, CONSTRAINT {} CHECK (true));", beside(), quoted);
    if (owners.statistics) {
        const auto table = beside();
        sql += fmt::format("CREATE TABLE {} (x int, y int); CREATE STATISTICS IF NOT EXISTS {} ON x, y FROM {};", table,
                           QualifiedName{schema_, name}.sql(), table);
    }
    if (!sql.empty()) co_await connection_.script(sql);
}

Task<void> TakenNames::keep(Part part) {
    const auto name = name_given(part);
    if (name.empty()) co_return;
    auto owners = co_await others(name);
    // A constraint's name is of one table.
    owners.constraint = false;
    if (part.kind == PartKind::create_statistics) {
        owners.relation = false;
    } else {
        owners.statistics = false;
    }
    co_await take(name, owners);
}

// The server looks for constraints of any table, and for relations where it names one.
Task<TakenNames::Owners> TakenNames::others_of_choice(std::string name, PartKind kind) {
    auto owners = co_await others(name);
    const bool of_relation =
        kind == PartKind::create_index || kind == PartKind::add_unique || kind == PartKind::add_primary_key;
    owners.relation = owners.relation && of_relation;
    owners.constraint = owners.constraint && kind != PartKind::create_index;
    owners.statistics = false;
    co_return owners;
}

Task<bool> TakenNames::is_taken(std::string name, PartKind kind) {
    const auto owners = co_await others_of_choice(name, kind);
    co_return owners.relation || owners.constraint;
}

Task<void> TakenNames::keep_choice(std::string name, PartKind kind) {
    const auto owners = co_await others_of_choice(name, kind);
    co_await take(name, owners);
}

}  // namespace pgwraith::online
