#include "fill_failure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace pgwraith::online {

namespace {

constexpr std::size_t most_rows_named = 5;

// Whether the rows are filled; it is undone. A row that somebody holds locked is no reason.
Task<bool> passes(postgres::Connection& connection, FillText text, std::string rows) {
    std::string sql;
    for (const auto& column : text.columns) sql += fill_rows_sql(text.table, column, rows) + "; ";
    const auto failure = co_await postgres::try_and_undo(connection, std::move(sql));
    co_return !failure || !is_of_a_row(*failure);
}

// What names a row, as SQL: its primary key, else its place.
Task<std::string> key_sql(postgres::Connection& connection, Oid table) {
    const auto columns = co_await connection.query(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indrelid = $1::oid AND i.indisprimary AND i.indisvalid ORDER BY array_position(i.indkey::int2[], "
        "a.attnum)",
        postgres::params(std::to_string(table)));
    std::vector<std::string> key;
    for (int row = 0; row < columns.rows(); ++row) {
        key.push_back(fmt::format("pg_catalog.format('%s=%s', {}, {})", quote_literal(columns.str(row, 0)),
                                  quote_identifier(columns.str(row, 0))));
    }
    if (key.empty()) co_return "pg_catalog.format('ctid=%s', ctid)";
    co_return fmt::format("pg_catalog.concat_ws(', ', {})", fmt::join(key, ", "));
}

// The first block of the range that has such a row is looked at row by row.
Task<std::vector<std::string>> find_rows(postgres::Connection& connection, Oid table, FillText text,
                                         transfer::BlockRange range) {
    std::vector<std::string> found;
    bool all_pass = co_await passes(connection, text, range_condition(range));
    if (all_pass) co_return found;
    while (range.end - range.begin > 1) {
        transfer::BlockRange half{range.begin, range.begin + (range.end - range.begin) / 2};
        all_pass = co_await passes(connection, text, range_condition(half));
        if (all_pass) {
            range.begin = half.end;
        } else {
            range.end = half.end;
        }
    }
    const auto key = co_await key_sql(connection, table);
    const auto rows = co_await connection.query(fmt::format("SELECT ctid::pg_catalog.text, {} FROM ONLY {} WHERE {}",
                                                            key, text.table.sql(), range_condition(range)));
    for (int row = 0; row < rows.rows() && found.size() < most_rows_named; ++row) {
        const bool passed =
            co_await passes(connection, text, fmt::format("ctid = '{}'::pg_catalog.tid", rows.text(row, 0)));
        if (!passed) found.push_back(rows.str(row, 1));
    }
    co_return found;
}

}  // namespace

bool is_of_a_row(const postgres::PgError& error) {
    if (error.state_class() != postgres::SqlStateClass::definitive) return false;
    // 20 and P0: PL/pgSQL; 21: a subquery with several rows; 2F, 38, 39: functions; 44: WITH CHECK; 54: too long.
    constexpr std::array<std::string_view, 10> classes{"20", "21", "22", "23", "2F", "38", "39", "44", "54", "P0"};
    return std::ranges::any_of(classes, [&](std::string_view one) { return error.sqlstate().starts_with(one); });
}

Task<Error> fill_refused(postgres::Connection& connection, Oid table, FillText text, transfer::BlockRange range,
                         postgres::PgError error) {
    std::vector<std::string> names;
    for (const auto& column : text.columns) names.push_back(quote_identifier(column.column));
    const auto rows =
        co_await postgres::undone(connection, "BEGIN", "ROLLBACK", find_rows(connection, table, text, range));
    const auto which = rows.empty() ? "" : fmt::format(" (rows with {})", fmt::join(rows, "; "));
    Error said(ErrorKind::stopped,
               fmt::format("{} of {} cannot be filled: {}{}", fmt::join(names, ", "), text.table.sql(), error.message(),
                           which),
               "The state is kept: correct these rows, then the same command carries on; `pgwraith abort` takes "
               "back what was done.");
    co_return said;
}

}  // namespace pgwraith::online
