// What is asked of the rows before anything is made, so that no write of the application is refused for a change that
// cannot succeed: how many are in the way, and which.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "maker.h"

namespace pgwraith::online {

namespace {

using plan::Part;

// `to`: the partner's columns.
std::string orphans_where(const Maker& maker, const Part& part, const Facts::Referenced& referenced,
                          const std::vector<std::string>& to, const std::vector<std::string>& columns) {
    std::vector<std::string> present;
    std::vector<std::string> same;
    for (std::size_t i = 0; i < part.columns.size() && i < to.size(); ++i) {
        present.push_back(fmt::format("{} IS DISTINCT FROM NULL", maker.column(part.columns[i])));
        same.push_back(fmt::format("pgwraith_p.{} = {}", quote_identifier(to[i]), maker.column(part.columns[i])));
    }
    // A key of the table to itself: its partners are read as its rows are, by the same names.
    auto partners = referenced.table.sql();
    if (referenced.table == maker.live.name) partners = fmt::format("(SELECT * FROM {})", maker.rows_with(columns));
    return fmt::format("({}) AND NOT EXISTS (SELECT FROM {} AS pgwraith_p WHERE {})",
                       fmt::join(present, part.match_full ? " OR " : " AND "), partners, fmt::join(same, " AND "));
}

// The elements and the predicate are computed as for the index: first the predicate, then the elements of the rows that
// fulfil it (OFFSET keeps the server from turning that round). Of each value two rows are enough to name it.
std::string duplicates_query(const Maker& maker, const Part& part, const std::string& title) {
    const auto& unique = *part.unique_key;
    std::vector<std::string> elements;
    std::vector<std::string> names;
    std::vector<std::string> present;
    for (std::size_t i = 0; i < unique.elements.size(); ++i) {
        const auto collation = unique.collations.at(i).empty() ? "" : " COLLATE " + unique.collations[i];
        names.push_back(fmt::format("pgwraith_k{}", i + 1));
        elements.push_back(fmt::format("({}{}) AS {}", unique.elements[i], collation, names.back()));
        present.push_back(names.back() + " IS DISTINCT FROM NULL");  // of a row, IS NULL asks for its fields
    }
    const auto where = unique.predicate.empty() ? "" : fmt::format(" WHERE {}", unique.predicate);
    const auto with_value = unique.nulls_not_distinct ? "" : fmt::format(" WHERE {}", fmt::join(present, " AND "));
    const auto key = maker.row_key(maker.known_now(part.columns));
    const auto table = maker.live.name.sql();
    const auto row = [&](const char* place) {
        return fmt::format("(SELECT '(' || {} || ')' FROM ONLY {} WHERE {} = pgwraith_d.{})", key.value, table,
                           maker.column("ctid"), place);
    };
    const auto values = fmt::format(
        "SELECT pg_catalog.min(pgwraith_c) AS pgwraith_a, pg_catalog.max(pgwraith_c) AS pgwraith_b, "
        "pg_catalog.count(*) "
        "AS pgwraith_m FROM (SELECT {} AS pgwraith_c, {} FROM {}{} OFFSET 0) AS pgwraith_r{} GROUP BY {} HAVING "
        "pg_catalog.count(*) > 1 LIMIT 1001",
        maker.column("ctid"), fmt::join(elements, ", "), maker.rows_with(part.columns), where, with_value,
        fmt::join(names, ", "));
    return fmt::format(
        "SELECT pg_catalog.format('%s of %s %s more than once in %s, among them rows with (%s) = %s', CASE WHEN n = 1 "
        "THEN '1 value' WHEN n > 1000 THEN 'more than 1000 values' ELSE n || ' values' END, {0}, CASE WHEN n = 1 THEN "
        "'occurs' ELSE 'occur' END, {1}, {2}, k) FROM "
        "(SELECT pg_catalog.count(*) AS n, pg_catalog.string_agg({3} || ' and ' || {4} || CASE WHEN pgwraith_m > 2 "
        "THEN "
        "' and ' || (pgwraith_m - 2) || ' more' ELSE '' END, '; ') FILTER (WHERE pgwraith_n <= 5) AS k FROM (SELECT *, "
        "pg_catalog.row_number() OVER () AS pgwraith_n FROM ({5}) AS pgwraith_g) AS pgwraith_d) AS pgwraith_f WHERE n "
        "> "
        "0",
        quote_literal(title), quote_literal(table), quote_literal(key.title), row("pgwraith_a"), row("pgwraith_b"),
        values);
}

}  // namespace

void look_for_nulls(Maker& maker, const std::string& column) {
    maker.check(fmt::format("look for rows in which {} is NULL", column),
                maker.rows_where(maker.column(column) + " IS NOT DISTINCT FROM NULL",
                                 fmt::format("with NULL in {}", column), {column}),
                {column});
}

void look_for_refused(Maker& maker, const std::string& name, const Part& part) {
    if (!part.expression) return;
    maker.check(fmt::format("look for rows that {} refuses", name),
                maker.rows_where(fmt::format("NOT ({})", *part.expression),
                                 fmt::format("which CHECK ({}) refuses", *part.expression), part.columns),
                part.columns);
}

bool look_for_orphans(Maker& maker, const Part& part, const Facts::Referenced& referenced) {
    // Keys of ranges of time are left to the server: a row may have several partners together. So is a table that only
    // the server may read for us.
    const bool of_periods = part.clause.find("PERIOD") != std::string::npos;
    if (of_periods || !referenced.readable) return false;
    const auto& to = part.referenced_columns.empty() ? referenced.primary_key : part.referenced_columns;
    auto columns = part.columns;
    if (referenced.table == maker.live.name) columns.insert(columns.end(), to.begin(), to.end());
    maker.check(fmt::format("look for rows without a partner in {}", referenced.table.sql()),
                maker.rows_where(
                    orphans_where(maker, part, referenced, to, columns),
                    fmt::format("without a partner in {} ({})", referenced.table.sql(), fmt::join(part.columns, ", ")),
                    columns),
                columns);
    return true;
}

void look_for_duplicates(Maker& maker, const Part& part, const std::string& index) {
    if (!part.unique_key) return;
    auto title = fmt::format("{}", fmt::join(part.unique_key->elements, ", "));
    if (part.unique_key->elements.size() > 1 || !title.starts_with('(')) title = "(" + title + ")";
    if (!part.unique_key->predicate.empty()) title += " WHERE " + part.unique_key->predicate;
    auto query = duplicates_query(maker, part, title);
    maker.check("look for duplicates of " + title, std::move(query), part.columns, index);
}

}  // namespace pgwraith::online
