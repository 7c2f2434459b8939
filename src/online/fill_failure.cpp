#include "fill_failure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "offending_rows.h"
#include "pgwraith/postgres/data_error.h"

namespace pgwraith::online {

namespace {

// What the server says when the rows are filled; it is undone. A row that somebody holds locked is no reason.
Task<std::optional<postgres::PgError>> try_to_fill(postgres::Connection& connection, FillText text, std::string rows) {
    std::string sql;
    for (const auto& column : text.columns) sql += fill_rows_sql(text.table, column, rows) + "; ";
    auto failure = co_await postgres::try_and_undo(connection, std::move(sql));
    if (failure && !postgres::is_data_error(*failure)) failure.reset();
    co_return failure;
}

}  // namespace

Task<Error> fill_refused(postgres::Connection& connection, Oid table, FillText text, transfer::BlockRange range,
                         postgres::PgError error) {
    std::vector<std::string> columns;
    for (const auto& column : text.columns) columns.push_back(quote_identifier(column.column));
    const auto attempt = [&](std::string rows) { return try_to_fill(connection, text, std::move(rows)); };
    const auto rows = co_await postgres::undone(connection, "BEGIN", "ROLLBACK",
                                                find_offending(connection, table, text.table, range, attempt));
    const auto which = rows.names.empty() ? "" : fmt::format(" (rows with {})", fmt::join(rows.names, "; "));
    Error said(ErrorKind::stopped,
               fmt::format("{} of {} cannot be filled: {}{}", fmt::join(columns, ", "), text.table.sql(),
                           error.message(), which),
               "The state is kept: correct these rows, then the same command carries on; `pgwraith abort` takes "
               "back what was done.");
    co_return said;
}

}  // namespace pgwraith::online
