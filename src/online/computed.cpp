#include "computed.h"

#include <fmt/format.h>

namespace pgwraith::online {

namespace {

// Where a cast would cut a value off that an assignment refuses, the type stands without its length.
constexpr const char* type_sql = R"sql(
SELECT CASE a.atttypid WHEN 1042 THEN 'bpchar' WHEN 1560 THEN '"bit"' WHEN 1043 THEN 'varchar' WHEN 1562 THEN 'varbit'
         ELSE format_type(a.atttypid, a.atttypmod) END
  FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = $2)sql";

// A trigger, or a rule, may give the row another value than the UPDATE says.
constexpr const char* altered_by_sql = R"sql(
SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgtype & 19 = 19 AND tgenabled <> 'D')
    OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = $1::oid AND ev_type = '2' AND ev_enabled <> 'D'))sql";

}  // namespace

Task<std::optional<std::string>> find_computed(postgres::Connection& connection, Oid live, plan::Part part,
                                               QualifiedName stand_in) {
    const auto& column = part.columns.front();
    const auto type = co_await connection.query(type_sql, postgres::params(stand_in.sql(), column));
    if (type.empty()) co_return std::nullopt;
    auto value = fmt::format("(({}\n)::{})", part.expression.value_or("NULL"), type.text(0, 0));
    if (part.kind == plan::PartKind::add_column) co_return value;
    const auto altered = co_await connection.query(altered_by_sql, postgres::params(std::to_string(live)));
    if (altered.boolean(0, 0)) co_return std::nullopt;
    // Only what is immutable is asked twice with the same answer: the server takes nothing else for a generated column.
    const auto refused = co_await postgres::try_and_undo(
        connection, fmt::format("ALTER TABLE {} ADD COLUMN pgwraith_computed {} GENERATED ALWAYS AS ({}) STORED",
                                stand_in.sql(), type.text(0, 0), value));
    if (refused) co_return std::nullopt;
    co_return value;
}

}  // namespace pgwraith::online
