#include "pgwraith/shadow/pair.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "pgwraith/postgres/settings.h"

namespace pgwraith::shadow {

namespace {

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

// The key's columns as the tables' own, which no alias or expression of the user's can shadow, with the index's
// collation where it is not the column's: "column OPERATOR(…) value" AND …, for all of the key.
std::string equal_keys(const Pair& pair, bool in_shadow, const std::vector<std::string>& values) {
    const auto& table = in_shadow ? pair.shadow : pair.live;
    std::vector<std::string> conditions;
    for (const auto& column : pair.mapping.key) {
        const auto& name = in_shadow ? column.shadow_name : column.live.name;
        const auto collate = column.live.collation.empty() ? "" : " COLLATE " + column.live.collation;
        conditions.push_back(fmt::format("{}.{}{} {} {}", table.sql(), quote_identifier(name), collate,
                                         column.live.equals, values[conditions.size()]));
    }
    return fmt::format("{}", fmt::join(conditions, " AND "));
}

// `prefix`.n = the key column of live or shadow, for all key columns.
std::string match_live(const Pair& pair, const std::string& prefix) {
    std::vector<std::string> values;
    for (std::size_t n = 1; n <= pair.mapping.key.size(); ++n) values.push_back(fmt::format("{}k{}", prefix, n));
    return equal_keys(pair, false, values);
}

std::string match_shadow(const Pair& pair, const std::string& prefix) {
    std::vector<std::string> values;
    for (const auto& column : pair.mapping.key) {
        values.push_back(fmt::format("{}k{}::{}", prefix, values.size() + 1, column.shadow_type_sql));
    }
    return equal_keys(pair, true, values);
}

// The rows of `table` that the keys match, each once however many texts its key has (1.0 and 1.00), if `condition`
// holds for the key. Whatever the planner believes of the tables, whose statistics may be of a time when they were
// empty, each key is looked up by the index: OFFSET 0 keeps the look-up from being turned round.
std::string rows_of_keys(const Pair& pair, const QualifiedName& table, const std::string& match,
                         const std::string& condition = "true") {
    return fmt::format(
        "{0}.ctid = ANY(ARRAY(SELECT pgwraith_f.ctid FROM {1}, LATERAL (SELECT {0}.ctid FROM ONLY {0} WHERE {2} "
        "OFFSET 0) AS pgwraith_f WHERE {3}))",
        table.sql(), keys_from(pair), match, condition);
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

// The key's columns of one of the tables, as its own.
std::vector<std::string> key_columns(const Pair& pair, bool in_shadow) {
    const auto& table = in_shadow ? pair.shadow : pair.live;
    std::vector<std::string> columns;
    for (const auto& column : pair.mapping.key) {
        columns.push_back(table.sql() + "." + quote_identifier(in_shadow ? column.shadow_name : column.live.name));
    }
    return columns;
}

// $n::type, … for all columns of the key.
std::string bound(const Pair& pair, std::size_t from) {
    std::vector<std::string> values;
    for (const auto& column : pair.mapping.key) {
        values.push_back(fmt::format("${}::{}", from + values.size(), column.live.base_type_sql));
    }
    return fmt::format("ROW({})", fmt::join(values, ", "));
}

// One operator serves for all columns (has_plain_order()): so one range of the index is all that is read.
std::string range_where(const Pair& pair, bool in_shadow, bool lower, bool upper) {
    const auto row = fmt::format("ROW({})", fmt::join(key_columns(pair, in_shadow), ", "));
    const auto& first = pair.mapping.key.front().live;
    std::vector<std::string> conditions;
    if (lower) conditions.push_back(fmt::format("{} {} {}", row, first.greater, bound(pair, 1)));
    if (upper) {
        const auto from = lower ? pair.mapping.key.size() + 1 : 1;
        conditions.push_back(fmt::format("{} {} {}", row, first.less_equal, bound(pair, from)));
    }
    return conditions.empty() ? "true" : fmt::format("{}", fmt::join(conditions, " AND "));
}

std::string key_order(const Pair& pair) {
    std::vector<std::string> order;
    for (const auto& column : key_columns(pair, false)) {
        order.push_back(fmt::format("{} USING {}", column, pair.mapping.key.front().live.less));
    }
    return fmt::format("{}", fmt::join(order, ", "));
}

// The rows of each range are a scan of their own: the server has none for several ranges at once.
std::string rows_of_blocks(const std::string& selected, const QualifiedName& table, const ComparedBlocks& blocks) {
    std::vector<std::string> scans;
    const auto scan = [&](bool core, const std::string& range) {
        scans.push_back(fmt::format("SELECT {} AS core, {} FROM ONLY {} WHERE {}", core, selected, table.sql(), range));
    };
    for (const auto& range : blocks.core) scan(true, range);
    for (const auto& range : blocks.near) scan(false, range);
    if (scans.empty()) scan(true, "false");
    return fmt::format("{}", fmt::join(scans, " UNION ALL "));
}

// How the rows of both tables that one statement compares are found.
struct Comparison {
    const char* differ;  // that two rows differ, or one has no partner; {}: OR, of their columns
    const char* count_live;
    const char* count_shadow;
    std::function<std::string(bool in_shadow, const std::string& selected)> rows = {};
};

// Keys are printed by the server as the change stream prints them, by their type's output function, in the fixed forms.
// CASE keeps these from being in force before all that depends on the session's own is computed, and with the
// statement, a transaction of its own, they end.
std::string comparison_sql(const Pair& pair, const Comparison& comparison) {
    std::string live_keys, shadow_keys, join, differing, arrays, names, texts;
    const auto compared = compare_columns(pair);
    const auto differ = fmt::format(fmt::runtime(comparison.differ), compared.differ);
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
        "(SELECT json_agg(json_build_array({})) FROM unnest({}) AS d({})) END, "
        "coalesce(pg_relation_filenode({}::oid), 0), coalesce(pg_relation_filenode({}::oid), 0) FROM "
        "(SELECT {} AS live, {} AS shadow{} FROM ({}) l FULL JOIN ({}) s ON {}) AS r",
        postgres::fixed_forms_condition(), texts, arrays, names, pair.live_oid, pair.shadow_oid, comparison.count_live,
        comparison.count_shadow, differing, comparison.rows(false, live_keys + compared.live),
        comparison.rows(true, shadow_keys + compared.shadow), join);
}

}  // namespace

std::string copy_sql(const Pair& pair, const std::string& where) {
    return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM ONLY {} WHERE {}", pair.shadow.sql(),
                       plan::insert_columns(pair.mapping), plan::select_expressions(pair.mapping), pair.live.sql(),
                       where);
}

std::string block_range(std::uint32_t begin, std::uint32_t end, std::string_view of) {
    return fmt::format("{0}ctid >= '({1},0)'::tid AND {0}ctid < '({2},0)'::tid", of, begin, end);
}

std::string delete_keys_sql(const Pair& pair) {
    return fmt::format("DELETE FROM ONLY {} WHERE {}", pair.shadow.sql(),
                       rows_of_keys(pair, pair.shadow, match_shadow(pair, "pgwraith_k.")));
}

std::string insert_keys_sql(const Pair& pair) {
    return copy_sql(pair, rows_of_keys(pair, pair.live, match_live(pair, "pgwraith_k.")));
}

std::string delete_gone_keys_sql(const Pair& pair) {
    const auto gone = fmt::format("NOT EXISTS (SELECT FROM ONLY {} WHERE {} OFFSET 0)", pair.live.sql(),
                                  match_live(pair, "pgwraith_k."));
    return fmt::format("DELETE FROM ONLY {} WHERE {}", pair.shadow.sql(),
                       rows_of_keys(pair, pair.shadow, match_shadow(pair, "pgwraith_k."), gone));
}

std::string update_keys_sql(const Pair& pair) {
    std::vector<std::string> key, set;
    std::set<std::string> unchanged;
    for (const auto& column : pair.mapping.key) {
        key.push_back(quote_identifier(column.shadow_name));
        const bool identical = column.live.opclass.empty() && equal_means_identical(column.shadow_type_sql);
        if (identical) unchanged.insert(column.shadow_name);
    }
    for (const auto& column : pair.mapping.columns) {
        if (!column.expression || unchanged.contains(column.name)) continue;
        set.push_back(fmt::format("{0} = excluded.{0}", quote_identifier(column.name)));
    }
    return fmt::format("{} ON CONFLICT ({}) DO {}", insert_keys_sql(pair), fmt::join(key, ", "),
                       set.empty() ? "NOTHING" : fmt::format("UPDATE SET {}", fmt::join(set, ", ")));
}

std::string put_keys_sql(const Pair& pair) {
    return pair.mapping.updatable ? update_keys_sql(pair) : insert_keys_sql(pair);
}

std::string compare_blocks_sql(const Pair& pair, const ComparedBlocks& live, const ComparedBlocks& shadow) {
    // A row that is only near has its own window.
    Comparison comparison{"CASE WHEN l.k1 IS NULL THEN s.core WHEN s.k1 IS NULL THEN l.core ELSE false{} END",
                          "count(*) FILTER (WHERE l.core)", "count(*) FILTER (WHERE s.core)"};
    comparison.rows = [&](bool in_shadow, const std::string& selected) {
        return rows_of_blocks(selected, in_shadow ? pair.shadow : pair.live, in_shadow ? shadow : live);
    };
    return comparison_sql(pair, comparison);
}

std::string compare_range_sql(const Pair& pair, bool lower, bool upper) {
    Comparison comparison{"l.k1 IS NULL OR s.k1 IS NULL{}", "count(l.k1)", "count(s.k1)"};
    comparison.rows = [&](bool in_shadow, const std::string& selected) {
        return fmt::format("SELECT {} FROM ONLY {} WHERE {}", selected, (in_shadow ? pair.shadow : pair.live).sql(),
                           range_where(pair, in_shadow, lower, upper));
    };
    return comparison_sql(pair, comparison);
}

bool has_plain_order(const Pair& pair) {
    const std::set<std::string> integers{"smallint", "integer", "bigint"};
    const auto& first = pair.mapping.key.front().live;
    return std::ranges::all_of(pair.mapping.key, [&](const plan::MappedKeyColumn& column) {
        const auto& live = column.live;
        const bool same_type = live.base_type_sql == column.shadow_type_sql ||
                               (integers.contains(live.base_type_sql) && integers.contains(column.shadow_type_sql));
        return same_type && equal_means_identical(live.base_type_sql) && live.opclass.empty() && !live.descending &&
               !live.nulls_first && live.less == first.less && live.greater == first.greater &&
               live.less_equal == first.less_equal;
    });
}

std::string range_end_sql(const Pair& pair, bool lower) {
    std::vector<std::string> texts, selected;
    for (const auto& column : key_columns(pair, false)) {
        selected.push_back(fmt::format("{} AS k{}", column, selected.size() + 1));
        texts.push_back(fmt::format("CASE WHEN {} THEN format('%s', r.k{}) END", postgres::fixed_forms_condition(),
                                    selected.size()));
    }
    return fmt::format("SELECT {} FROM (SELECT {} FROM ONLY {} WHERE {} ORDER BY {} OFFSET ${}::bigint LIMIT 1) AS r",
                       fmt::join(texts, ", "), fmt::join(selected, ", "), pair.live.sql(),
                       range_where(pair, false, lower, false), key_order(pair),
                       (lower ? pair.mapping.key.size() : 0) + 1);
}

std::string sampled_order_sql(const Pair& pair) {
    return fmt::format(
        "SELECT (r.place::text::point)[0]::bigint, r.rank FROM (SELECT ctid AS place, row_number() OVER (ORDER BY {}) "
        "AS rank FROM ONLY {} WHERE ctid = ANY($1::tid[])) AS r ORDER BY r.place",
        key_order(pair), pair.live.sql());
}

std::string sampled_writers_sql(const Pair& pair) {
    return fmt::format("SELECT xmin::text FROM ONLY {} WHERE ctid = ANY($1::tid[])", pair.shadow.sql());
}

std::string partners_sql(const Pair& pair) {
    std::string keys;
    std::vector<std::string> values;
    for (const auto& column : pair.mapping.key) {
        values.push_back(fmt::format("s.k{}::{}", values.size() + 1, column.live.base_type_sql));
        keys += fmt::format(", {} AS k{}", quote_identifier(column.shadow_name), values.size());
    }
    return fmt::format(
        "SELECT (s.place::text::point)[0]::bigint, (l.place::text::point)[0]::bigint, s.writer FROM "
        "(SELECT * FROM (SELECT ctid AS place, xmin::text AS writer, "
        "row_number() OVER (PARTITION BY xmin::text ORDER BY ctid) AS nth{} FROM ONLY {} WHERE ctid = ANY($1::tid[])) "
        "AS f WHERE f.nth <= 4 ORDER BY f.place LIMIT 256) AS s, "
        "LATERAL (SELECT {}.ctid AS place FROM ONLY {} WHERE {} OFFSET 0) AS l",
        keys, pair.shadow.sql(), pair.live.sql(), pair.live.sql(), equal_keys(pair, false, values));
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
