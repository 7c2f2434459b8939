#include "pgwraith/shadow/pair.h"

#include <fmt/format.h>

#include <set>

#include "key_range.h"
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

std::string with_collation(std::string column, const MappedKeyColumn& part) {
    if (!part.live.collation.empty()) column += " COLLATE " + part.live.collation;
    return column;
}

// Columns of the live table that no alias or expression of the user's can shadow.
KeySide live_side(const Pair& pair) {
    KeySide side{pair.mapping.key, {}};
    for (const auto& column : side.key) {
        side.columns.push_back(with_collation(pair.live.sql() + "." + quote_identifier(column.live.name), column));
    }
    return side;
}

KeySide shadow_side(const Pair& pair) {
    KeySide side{pair.mapping.key, {}, true};
    for (const auto& column : side.key) {
        side.columns.push_back(with_collation(pair.shadow.sql() + "." + quote_identifier(column.shadow_name), column));
    }
    return side;
}

// `prefix`.n = the key column of live or shadow, for all key columns.
std::string match_live(const Pair& pair, const std::string& prefix) {
    std::vector<std::string> values;
    for (std::size_t n = 1; n <= pair.mapping.key.size(); ++n) values.push_back(fmt::format("{}k{}", prefix, n));
    return equal_keys(live_side(pair), values);
}

std::string match_shadow(const Pair& pair, const std::string& prefix) {
    std::vector<std::string> values;
    for (const auto& column : pair.mapping.key) {
        values.push_back(fmt::format("{}k{}::{}", prefix, values.size() + 1, column.shadow_type_sql));
    }
    return equal_keys(shadow_side(pair), values);
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

// So many columns of each side still fit into one list; PostgreSQL takes 1,664 in all.
constexpr std::size_t columns_side_by_side = 750;

// What a comparison selects from each side (", expression AS c1, …"), and when two rows differ (" OR …"). Exact for
// every type: bytes are compared, text under COLLATE "C", the rest as the image of a row.
struct ComparedColumns {
    std::string live, shadow, differ;
    std::vector<std::string> names;
    bool as_images = false;  // one image of each row, in the column `image`
};

ComparedColumns compare_columns(const Pair& pair) {
    ComparedColumns compared;
    std::string live_values, shadow_values, live_image, shadow_image;
    std::size_t n = 0;
    for (const auto& column : pair.mapping.columns) {
        if (!column.verify_expression) continue;
        ++n;
        compared.names.push_back(column.name);
        const auto name = quote_identifier(column.name);
        compared.live += fmt::format(", {} AS c{}", *column.verify_expression, n);
        compared.shadow += fmt::format(", {} AS c{}", name, n);
        live_values += fmt::format("{}{}", n == 1 ? "" : ", ", *column.verify_expression);
        shadow_values += fmt::format("{}{}", n == 1 ? "" : ", ", name);
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
    compared.as_images = n > columns_side_by_side;
    if (compared.as_images) {
        compared.live = fmt::format(", ROW({}) AS image", live_values);
        compared.shadow = fmt::format(", ROW({}) AS image", shadow_values);
        compared.differ = " OR pg_catalog.record_image_ne(l.image, s.image)";
    }
    return compared;
}

// Which columns differ, of rows whose images do. An image's columns are called f1, f2, … by to_jsonb().
std::string differing_of_images(const ComparedColumns& compared, bool values) {
    std::string names;
    for (const auto& name : compared.names) names += (names.empty() ? "" : ", ") + quote_literal(name);
    const auto name = fmt::format("(ARRAY[{}])[substr(a.key, 2)::int]", names);
    auto what = fmt::format("format('%s differs', {})", name);
    if (values) {
        what = fmt::format(
            "format('%s: live %s, shadow %s', {}, left(quote_nullable(a.value), 200), left(quote_nullable(b.value), "
            "200))",
            name);
    }
    return fmt::format(
        "(SELECT string_agg({}, '; ' ORDER BY substr(a.key, 2)::int) FROM jsonb_each_text(to_jsonb(l.image)) a "
        "JOIN jsonb_each_text(to_jsonb(s.image)) b ON a.key = b.key WHERE a.value IS DISTINCT FROM b.value)",
        what);
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
    std::string texts;
    for (std::size_t n = 1; n <= pair.mapping.key.size(); ++n) {
        texts += fmt::format("{}CASE WHEN {} THEN format('%s', r.k{}) END", n == 1 ? "" : ", ",
                             postgres::fixed_forms_condition(), n);
    }
    return fmt::format("SELECT {} FROM ({}) AS r", texts,
                       nth_key(live_side(pair), "FROM ONLY " + pair.live.sql(), lower));
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
        range_where(live_side(pair), lower, upper), shadow_keys, compared.shadow, pair.shadow.sql(),
        range_where(shadow_side(pair), lower, upper), join);
}

std::string compare_keys_sql(const Pair& pair, bool values) {
    const auto compared = compare_columns(pair);
    std::string columns, differ;
    if (compared.as_images) {
        columns = differing_of_images(compared, values);
        differ = "pg_catalog.record_image_ne(l.image, s.image)";
    } else {
        std::string live_row, shadow_row;
        int c = 0;
        for (const auto& name : compared.names) {
            const auto* comma = ++c == 1 ? "" : ", ";
            live_row += fmt::format("{}l.c{}", comma, c);
            shadow_row += fmt::format("{}s.c{}", comma, c);
            auto what = quote_literal(name + " differs");
            if (values) {
                what = fmt::format(
                    "format('%s: live %s, shadow %s', {}, left(quote_nullable(l.c{}::text), 200), "
                    "left(quote_nullable(s.c{}::text), 200))",
                    quote_literal(name), c, c);
            }
            columns += fmt::format(
                "{}CASE WHEN l.found AND s.found AND pg_catalog.record_image_ne(ROW(l.c{}), ROW(s.c{})) THEN {} END",
                comma, c, c, what);
        }
        // (An array, because functions take 100 arguments.)
        columns = fmt::format("array_to_string(ARRAY[{}]::text[], '; ')", columns);
        differ = fmt::format("pg_catalog.record_image_ne(ROW({}), ROW({}))", live_row, shadow_row);
    }
    // OFFSET 0: by the index, and each expression computed once.
    return fmt::format(
        "SELECT pgwraith_k.place, l.found IS NOT NULL, s.found IS NOT NULL, {} FROM {} "
        "LEFT JOIN LATERAL (SELECT true AS found{} FROM ONLY {} WHERE {} OFFSET 0) l ON true "
        "LEFT JOIN LATERAL (SELECT true AS found{} FROM ONLY {} WHERE {} OFFSET 0) s ON true "
        "WHERE l.found IS DISTINCT FROM s.found OR {}",
        columns, keys_from(pair, true), compared.live, pair.live.sql(), match_live(pair, "pgwraith_k."),
        compared.shadow, pair.shadow.sql(), match_shadow(pair, "pgwraith_k."), differ);
}

}  // namespace pgwraith::shadow
