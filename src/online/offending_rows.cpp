#include "offending_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fill_statements.h"

namespace pgwraith::online {

Task<std::string> row_name_sql(postgres::Connection& connection, Oid table) {
    const auto columns = co_await connection.query(
        "SELECT a.attname FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a "
        "ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid "
        "AND a.attnum OPERATOR(pg_catalog.=) ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]) "
        "WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND i.indisprimary AND i.indisvalid "
        "ORDER BY pg_catalog.array_position(i.indkey::pg_catalog.int2[], a.attnum)",
        postgres::params(std::to_string(table)));
    std::vector<std::string> key;
    for (int row = 0; row < columns.rows(); ++row) {
        key.push_back(fmt::format("pg_catalog.format('%s=%s', {}, {})", quote_literal(columns.str(row, 0)),
                                  quote_identifier(columns.str(row, 0))));
    }
    if (key.empty()) co_return "pg_catalog.format('ctid=%s', ctid)";
    co_return fmt::format("pg_catalog.concat_ws(', ', {})", fmt::join(key, ", "));
}

namespace {

// To the first block with a row that is refused; nullopt: none is.
Task<std::optional<transfer::BlockRange>> narrow_down(transfer::BlockRange range, const Attempt& attempt) {
    std::optional<transfer::BlockRange> found;
    auto failure = co_await attempt(range_condition(range));
    if (!failure) co_return found;
    while (range.end - range.begin > 1) {
        const transfer::BlockRange half{range.begin, range.begin + (range.end - range.begin) / 2};
        failure = co_await attempt(range_condition(half));
        if (failure) {
            range.end = half.end;
        } else {
            range.begin = half.end;
        }
    }
    found = range;
    co_return found;
}

}  // namespace

Task<OffendingRows> find_offending(postgres::Connection& connection, Oid oid, QualifiedName table,
                                   transfer::BlockRange range, Attempt attempt) {
    OffendingRows found;
    const auto block = co_await narrow_down(range, attempt);
    if (!block) co_return found;
    const auto name = co_await row_name_sql(connection, oid);
    const auto rows = co_await connection.query(fmt::format("SELECT ctid::pg_catalog.text, {} FROM ONLY {} WHERE {}",
                                                            name, table.sql(), range_condition(*block)));
    for (int row = 0; row < rows.rows() && found.names.size() < rows_named; ++row) {
        const auto failure = co_await attempt(fmt::format("ctid = '{}'::pg_catalog.tid", rows.text(row, 0)));
        if (!failure) continue;
        found.names.push_back(rows.str(row, 1));
        found.why = failure->message();
    }
    co_return found;
}

}  // namespace pgwraith::online
