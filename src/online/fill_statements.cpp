#include "fill_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pgwraith::online {

namespace {

// Of a composite value, IS NULL asks for its fields: (1, NULL) is neither NULL nor NOT NULL by that.
std::string is_null(const FilledColumn& column) {
    return quote_identifier(column.column) + " IS NOT DISTINCT FROM NULL";
}
// A comment may end the expression.
std::string value(const FilledColumn& column) { return "(" + column.expression + "\n)"; }
std::string has_value(const FilledColumn& column) { return value(column) + " IS DISTINCT FROM NULL"; }

}  // namespace

std::string range_condition(transfer::BlockRange range) {
    return fmt::format("ctid >= '({},0)'::pg_catalog.tid AND ctid < '({},0)'::pg_catalog.tid", range.begin, range.end);
}

std::string look_sql(const FillText& text, transfer::BlockRange range, int pass, Xid began) {
    std::vector<std::string> places;
    std::vector<std::string> inner;
    std::vector<std::string> had_value;
    std::vector<std::string> empty;
    for (std::size_t i = 0; i < text.columns.size(); ++i) {
        const auto& column = text.columns[i];
        // In this order: an expression need not be computable in a row that has a value.
        const auto wanted = pass == 1 ? is_null(column) : is_null(column) + " AND " + has_value(column);
        inner.push_back(fmt::format("({}) AS w{}, {} AS n{}", wanted, i, is_null(column), i));
        places.push_back(fmt::format("w{}", i));
        had_value.push_back(fmt::format("pg_catalog.count(*) FILTER (WHERE NOT n{} AND old)", i));
        empty.push_back(fmt::format("pg_catalog.count(*) FILTER (WHERE n{})", i));
    }
    // Old are not the versions that earlier chunks have left in free space further on.
    return fmt::format(
        "SELECT {0}, pg_catalog.count(*), {1}, {2} FROM (SELECT {3}, pg_catalog.age(xmin) > "
        "pg_catalog.age('{4}'::pg_catalog.xid) AS old FROM ONLY {5} WHERE {6}) AS pgwraith_rows GROUP BY {0}",
        fmt::join(places, ", "), fmt::join(had_value, ", "), fmt::join(empty, ", "), fmt::join(inner, ", "),
        static_cast<std::uint32_t>(began), text.table.sql(), range_condition(range));
}

std::string fill_sql(const FillText& text, const std::vector<std::size_t>& columns, transfer::BlockRange range,
                     RowsTaken taken, bool counts) {
    std::vector<std::string> sets;
    std::vector<std::string> empty;
    std::vector<std::string> computable;
    std::vector<std::string> returned;
    std::vector<std::string> counted;
    for (const std::size_t place : columns) {
        const auto& column = text.columns.at(place);
        const auto name = quote_identifier(column.column);
        sets.push_back(fmt::format("{} = {}", name, value(column)));
        empty.push_back(is_null(column));
        computable.push_back(has_value(column));
        returned.push_back(fmt::format("{} IS DISTINCT FROM NULL AS f{}", name, place));
        counted.push_back(fmt::format("pg_catalog.count(*) FILTER (WHERE f{})", place));
    }
    const auto wanted = fmt::format("{} AND ({})", fmt::join(empty, " AND "), fmt::join(computable, " OR "));
    auto rows = range_condition(range);
    if (taken == RowsTaken::free) {
        rows = fmt::format("ctid = ANY (ARRAY(SELECT ctid FROM ONLY {} WHERE {} AND {} FOR NO KEY UPDATE SKIP LOCKED))",
                           text.table.sql(), rows, wanted);
    }
    auto update =
        fmt::format("UPDATE ONLY {} SET {} WHERE {} AND {}", text.table.sql(), fmt::join(sets, ", "), rows, wanted);
    if (!counts) return update;
    return fmt::format("WITH pgwraith_done AS ({} RETURNING {}) SELECT pg_catalog.count(*), {} FROM pgwraith_done",
                       update, fmt::join(returned, ", "), fmt::join(counted, ", "));
}

std::string fill_rows_sql(const QualifiedName& table, const FilledColumn& column, const std::string& rows) {
    return fmt::format("UPDATE ONLY {} SET {} = {} WHERE {} AND {} AND {}", table.sql(),
                       quote_identifier(column.column), value(column), rows, is_null(column), has_value(column));
}

}  // namespace pgwraith::online
