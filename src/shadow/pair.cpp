#include "pgwraith/shadow/pair.h"

#include <fmt/format.h>

#include <set>

#include "pgwraith/postgres/settings.h"

namespace pgwraith::shadow {

namespace {

using plan::MappedKeyColumn;

// unnest($1::integer[], $2::text[]) AS pgwraith_k(k1, k2); with their places, counted from 1, as `place`.
std::string keys_from(const Pair& pair, bool places = false) {
    std::string arrays, names;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        ++n;
        arrays += fmt::format("{}${}::{}[]", n == 1 ? "" : ", ", n, column.live.base_type_sql);
        names += fmt::format("{}k{}", n == 1 ? "" : ", ", n);
    }
    return fmt::format("unnest({}){} AS pgwraith_k({}{})", arrays, places ? " WITH ORDINALITY" : "", names,
                       places ? ", place" : "");
}

// A column of the live table that no alias or expression of the user's can shadow.
std::string live_column(const Pair& pair, const MappedKeyColumn& column) {
    return pair.live.sql() + "." + quote_identifier(column.live.name);
}

// `prefix`.n = the key column of live or shadow, for all key columns.
std::string match_live(const Pair& pair, const std::string& prefix) {
    std::string sql;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        sql += fmt::format("{}{} {} {}k{}", ++n == 1 ? "" : " AND ", live_column(pair, column), column.live.equals,
                           prefix, n);
    }
    return sql;
}

std::string match_shadow(const Pair& pair, const std::string& prefix) {
    std::string sql;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        sql += fmt::format("{}{}.{} {} {}k{}::{}", ++n == 1 ? "" : " AND ", pair.shadow.sql(),
                           quote_identifier(column.shadow_name), column.live.equals, prefix, n, column.shadow_type_sql);
    }
    return sql;
}

// The rows of `table` that the keys match, each once however many texts its key has (1.0 and 1.00). Whatever the
// planner believes of the tables, whose statistics may be of a time when they were empty, each key is looked up by the
// index: OFFSET 0 keeps the look-up from being turned round.
std::string rows_of_keys(const Pair& pair, const QualifiedName& table, const std::string& match) {
    return fmt::format(
        "{0}.ctid = ANY(ARRAY(SELECT pgwraith_f.ctid FROM {1}, LATERAL (SELECT {0}.ctid FROM ONLY {0} WHERE {2} "
        "OFFSET 0) AS pgwraith_f))",
        table.sql(), keys_from(pair), match);
}

// Types whose equality is that of their bytes: their operator is quicker than an image of the row.
bool equal_means_identical(const std::string& type_sql) {
    static const std::set<std::string> types{"smallint",
                                             "integer",
                                             "bigint",
                                             "boolean",
                                             "date",
                                             "oid",
                                             "uuid",
                                             "bytea",
                                             "timestamp without time zone",
                                             "timestamp with time zone"};
    return types.contains(type_sql);
}

bool is_text(const std::string& type_sql) { return type_sql == "text" || type_sql.starts_with("character varying"); }

// What a range's comparison selects from each side (", expression AS c1, …"), and when two rows differ
// (" OR …"). Exact for every type: bytes are compared, text under COLLATE "C", the rest as the image of a row.
struct ComparedColumns {
    std::string live, shadow, differ;
};

ComparedColumns compare_columns(const Pair& pair) {
    ComparedColumns compared;
    std::string live_image, shadow_image;
    int n = 0;
    for (const auto& column : pair.mapping.columns) {
        if (!column.verify_expression) continue;
        ++n;
        compared.live += fmt::format(", {} AS c{}", *column.verify_expression, n);
        compared.shadow += fmt::format(", {} AS c{}", quote_identifier(column.name), n);
        if (equal_means_identical(column.type_sql)) {
            compared.differ += fmt::format(" OR l.c{0} IS DISTINCT FROM s.c{0}", n);
        } else if (is_text(column.type_sql)) {
            compared.differ += fmt::format(" OR l.c{0} COLLATE \"C\" IS DISTINCT FROM s.c{0} COLLATE \"C\"", n);
        } else {
            live_image += fmt::format("{}l.c{}", live_image.empty() ? "" : ", ", n);
            shadow_image += fmt::format("{}s.c{}", shadow_image.empty() ? "" : ", ", n);
        }
    }
    if (!live_image.empty()) {
        compared.differ += fmt::format(" OR pg_catalog.record_image_ne(ROW({}), ROW({}))", live_image, shadow_image);
    }
    return compared;
}

// OPERATOR("pg_catalog".<) -> OPERATOR("pg_catalog".>): the same family under another name.
std::string sibling(const std::string& less, const std::string& name) {
    return less.substr(0, less.rfind('<')) + name + ")";
}

// (key) > ($1, …) AND (key) <= ($2, …), on whichever side.
std::string range_where(const Pair& pair, const std::string& row, bool lower, bool upper, bool on_shadow) {
    int n = 0;
    auto bound = [&] {
        std::string values;
        for (const auto& column : pair.mapping.key) {
            values += fmt::format("{}${}::{}", values.empty() ? "" : ", ", ++n, column.live.base_type_sql);
            if (on_shadow && column.shadow_type_sql != column.live.base_type_sql)
                values += "::" + column.shadow_type_sql;
        }
        return "ROW(" + values + ")";
    };
    const auto& less = pair.mapping.key.front().live.less;
    std::string where;
    if (lower) where = fmt::format("{} {} {}", row, sibling(less, ">"), bound());
    if (upper) where += fmt::format("{}{} {} {}", lower ? " AND " : "", row, sibling(less, "<="), bound());
    return where.empty() ? "" : " WHERE " + where;
}

std::string live_key_row(const Pair& pair) {
    std::string row;
    for (const auto& column : pair.mapping.key) row += (row.empty() ? "" : ", ") + quote_identifier(column.live.name);
    return "ROW(" + row + ")";
}

std::string shadow_key_row(const Pair& pair) {
    std::string row;
    for (const auto& column : pair.mapping.key) row += (row.empty() ? "" : ", ") + quote_identifier(column.shadow_name);
    return "ROW(" + row + ")";
}

}  // namespace

std::string copy_sql(const Pair& pair, const std::string& where) {
    return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM ONLY {} WHERE {}", pair.shadow.sql(),
                       plan::insert_columns(pair.mapping), plan::select_expressions(pair.mapping), pair.live.sql(),
                       where);
}

std::string block_range(std::uint32_t begin, std::uint32_t end) {
    return fmt::format("ctid >= '({},0)'::tid AND ctid < '({},0)'::tid", begin, end);
}

std::string delete_keys_sql(const Pair& pair) {
    return fmt::format("DELETE FROM ONLY {} WHERE {}", pair.shadow.sql(),
                       rows_of_keys(pair, pair.shadow, match_shadow(pair, "pgwraith_k.")));
}

std::string insert_keys_sql(const Pair& pair) {
    return copy_sql(pair, rows_of_keys(pair, pair.live, match_live(pair, "pgwraith_k.")));
}

// In both: keys are printed by the server as the change stream prints them, by their type's output function, in the
// fixed forms. CASE keeps these from being in force before all that depends on the session's own is computed, and with
// the statement, a transaction of its own, they end.
std::string range_end_sql(const Pair& pair, bool lower) {
    std::string columns, order, texts;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        auto name = live_column(pair, column);
        ++n;
        columns += fmt::format("{}{} AS k{}", n == 1 ? "" : ", ", name, n);
        order += fmt::format("{}{}", n == 1 ? "" : ", ", name);
        texts += fmt::format("{}CASE WHEN {} THEN format('%s', r.k{}) END", n == 1 ? "" : ", ",
                             postgres::fixed_forms_condition(), n);
    }
    auto count = (lower ? pair.mapping.key.size() : 0) + 1;
    return fmt::format("SELECT {} FROM (SELECT {} FROM ONLY {}{} ORDER BY {} OFFSET ${}::bigint LIMIT 1) AS r", texts,
                       columns, pair.live.sql(), range_where(pair, live_key_row(pair), lower, false, false), order,
                       count);
}

std::string compare_range_sql(const Pair& pair, bool lower, bool upper) {
    std::string live_keys, shadow_keys, join, differing, arrays, names, texts;
    const auto compared = compare_columns(pair);
    const auto differ = "l.k1 IS NULL OR s.k1 IS NULL" + compared.differ;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        ++n;
        auto comma = n == 1 ? "" : ", ";
        live_keys += fmt::format("{}{} AS k{}", comma, quote_identifier(column.live.name), n);
        shadow_keys += fmt::format("{}{} AS k{}", comma, quote_identifier(column.shadow_name), n);
        join += fmt::format("{}l.k{} {} s.k{}", n == 1 ? "" : " AND ", n, column.live.equals, n);
        differing += fmt::format(", array_agg(coalesce(l.k{0}, s.k{0})) FILTER (WHERE {1}) AS a{0}", n, differ);
        arrays += fmt::format("{}r.a{}", comma, n);
        names += fmt::format("{}k{}", comma, n);
        texts += fmt::format("{}format('%s', d.k{})", comma, n);
    }
    return fmt::format(
        "SELECT r.live, r.shadow, CASE WHEN r.a1 IS NOT NULL AND {} THEN "
        "(SELECT json_agg(json_build_array({})) FROM unnest({}) AS d({})) END FROM "
        "(SELECT count(l.k1) AS live, count(s.k1) AS shadow{} "
        "FROM (SELECT {}{} FROM ONLY {}{}) l FULL JOIN (SELECT {}{} FROM ONLY {}{}) s ON {}) AS r",
        postgres::fixed_forms_condition(), texts, arrays, names, differing, live_keys, compared.live, pair.live.sql(),
        range_where(pair, live_key_row(pair), lower, upper, false), shadow_keys, compared.shadow, pair.shadow.sql(),
        range_where(pair, shadow_key_row(pair), lower, upper, true), join);
}

std::string compare_keys_sql(const Pair& pair, bool values) {
    std::string columns, live_values, shadow_values, live_row, shadow_row;
    int c = 0;
    for (const auto& column : pair.mapping.columns) {
        if (!column.verify_expression) continue;
        const auto* comma = ++c == 1 ? "" : ", ";
        live_values += fmt::format(", {} AS c{}", *column.verify_expression, c);
        shadow_values += fmt::format(", {} AS c{}", quote_identifier(column.name), c);
        live_row += fmt::format("{}l.c{}", comma, c);
        shadow_row += fmt::format("{}s.c{}", comma, c);
        auto what = quote_literal(column.name + " differs");
        if (values) {
            what = fmt::format(
                "format('%s: live %s, shadow %s', {}, left(quote_nullable(l.c{}::text), 200), "
                "left(quote_nullable(s.c{}::text), 200))",
                quote_literal(column.name), c, c);
        }
        columns += fmt::format(
            "{}CASE WHEN l.found AND s.found AND pg_catalog.record_image_ne(ROW(l.c{}), ROW(s.c{})) THEN {} END", comma,
            c, c, what);
    }
    // OFFSET 0: by the index, and each expression computed once. (An array, because functions take 100 arguments.)
    return fmt::format(
        "SELECT pgwraith_k.place, l.found IS NOT NULL, s.found IS NOT NULL, array_to_string(ARRAY[{}], '; ') FROM {} "
        "LEFT JOIN LATERAL (SELECT true AS found{} FROM ONLY {} WHERE {} OFFSET 0) l ON true "
        "LEFT JOIN LATERAL (SELECT true AS found{} FROM ONLY {} WHERE {} OFFSET 0) s ON true "
        "WHERE l.found IS DISTINCT FROM s.found OR pg_catalog.record_image_ne(ROW({}), ROW({}))",
        columns, keys_from(pair, true), live_values, pair.live.sql(), match_live(pair, "pgwraith_k."), shadow_values,
        pair.shadow.sql(), match_shadow(pair, "pgwraith_k."), live_row, shadow_row);
}

}  // namespace pgwraith::shadow
