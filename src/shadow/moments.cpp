#include "moments.h"

#include <fmt/format.h>

#include "pgwraith/shadow/moments.h"

namespace pgwraith::shadow {

namespace {

// Under the settings that rows are computed with; the forms do not depend on DateStyle.
constexpr const char* moment_sql = R"sql(
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00',
       to_char(localtimestamp, 'YYYY-MM-DD HH24:MI:SS.US'), to_char(current_date, 'YYYY-MM-DD'),
       to_char(now(), 'HH24:MI:SS.USTZH:TZM'), to_char(now(), 'HH24:MI:SS.US'))sql";

// A default that is not inserted gives each row the time at which it comes.
void insert_default(const catalog::Table& shadow, const plan::Moment& moment, plan::MappedColumn& mapped) {
    const auto* column = shadow.column(mapped.name);
    if (mapped.origin != "default" || mapped.expression || column == nullptr || !column->default_sql) return;
    const auto frozen = plan::freeze_moments(*column->default_sql, moment);
    if (frozen == *column->default_sql) return;
    mapped.expression = *column->default_sql;
    mapped.verify_expression = fmt::format("({})::{}", *column->default_sql, column->type_sql);
}

}  // namespace

Task<plan::Moment> read_moment(postgres::Connection& connection) {
    const auto now = co_await connection.query(moment_sql);
    co_return plan::Moment{now.str(0, 0), now.str(0, 1), now.str(0, 2), now.str(0, 3), now.str(0, 4)};
}

Task<std::map<std::string, std::string>> keep_one_moment(postgres::Connection& connection, catalog::Table shadow,
                                                         plan::Mapping& mapping) {
    const auto moment = co_await read_moment(connection);
    std::map<std::string, std::string> said;
    for (auto& mapped : mapping.columns) {
        insert_default(shadow, moment, mapped);
        if (!mapped.expression) continue;
        auto frozen = plan::freeze_moments(*mapped.expression, moment);
        if (frozen == *mapped.expression) continue;
        mapped.expression = std::move(frozen);
        if (mapped.verify_expression)
            mapped.verify_expression = plan::freeze_moments(*mapped.verify_expression, moment);
        said.emplace(
            mapped.name,
            fmt::format("column {}: the current time in its expression is that of the beginning in all rows, as in a "
                        "plain ALTER TABLE: {}",
                        mapped.name, *mapped.expression));
    }
    co_return said;
}

}  // namespace pgwraith::shadow
