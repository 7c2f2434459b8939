#include "key_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

namespace {

constexpr Oid float4_type = 700;
constexpr Oid float8_type = 701;
constexpr Oid record_type = 2249;  // the operator classes of composite types are for any record

[[noreturn]] void refuse(std::string what, std::string hint) {
    throw Error(ErrorKind::refused, std::move(what), std::move(hint));
}

bool all_not_null(const Table& table, const Index& index) {
    return std::ranges::all_of(index.key_attnums, [&](int attnum) {
        const Column* column = table.column_at(attnum);
        return column != nullptr && column->not_null;
    });
}

// What PostgreSQL itself asks of REPLICA IDENTITY USING INDEX.
bool identifies_rows(const Table& table, const Index& index) {
    return index.unique && index.valid && index.immediate && !index.partial && !index.expressions &&
           index.method == "btree" && !index.key_attnums.empty() && all_not_null(table, index);
}

const Index* primary_key(const Table& table) {
    const auto found = std::ranges::find_if(table.indexes, &Index::primary);
    return found == table.indexes.end() ? nullptr : &*found;
}

// The narrowest other index that could stand in: named in hints, used with REPLICA IDENTITY FULL.
const Index* best_unique_index(const Table& table) {
    const Index* best = nullptr;
    for (const Index& index : table.indexes) {
        if (identifies_rows(table, index) && (best == nullptr || index.key_attnums.size() < best->key_attnums.size())) {
            best = &index;
        }
    }
    return best;
}

std::string how_to_get_a_key(const Table& table) {
    if (const Index* index = best_unique_index(table); index != nullptr) {
        return fmt::format(
            "Let the server identify rows by its unique index: ALTER TABLE {} REPLICA IDENTITY {}", table.name.sql(),
            index->primary ? std::string{"DEFAULT"} : fmt::format("USING INDEX {}", quote_identifier(index->name)));
    }
    return fmt::format(
        "Add a primary key (CREATE UNIQUE INDEX CONCURRENTLY … on NOT NULL columns, then ALTER TABLE {0} ADD PRIMARY "
        "KEY USING INDEX …), or a unique index on NOT NULL columns and ALTER TABLE {0} REPLICA IDENTITY USING INDEX …",
        table.name.sql());
}

const Index* by_default(const Table& table) {
    const Index* key = primary_key(table);
    if (key == nullptr) {
        refuse(fmt::format("table {} has no primary key, so its rows cannot be followed", table.name.sql()),
               how_to_get_a_key(table));
    }
    if (!key->immediate) {
        refuse(fmt::format("the primary key {} of table {} is deferrable, so the server does not use it to identify "
                           "rows",
                           key->name, table.name.sql()),
               how_to_get_a_key(table));
    }
    if (!identifies_rows(table, *key)) {
        refuse(fmt::format("the primary key {} of table {} cannot identify rows (access method {}{})", key->name,
                           table.name.sql(), key->method, key->valid ? "" : ", not valid"),
               how_to_get_a_key(table));
    }
    return key;
}

const Index* by_index(const Table& table) {
    const auto found = std::ranges::find_if(table.indexes, &Index::replica_identity);
    if (found == table.indexes.end()) {
        refuse(fmt::format("table {} has REPLICA IDENTITY USING INDEX, but that index is gone", table.name.sql()),
               how_to_get_a_key(table));
    }
    if (!identifies_rows(table, *found)) {
        refuse(fmt::format("the replica identity index {} of table {} does not identify rows any more", found->name,
                           table.name.sql()),
               how_to_get_a_key(table));
    }
    return &*found;
}

const Index* with_full_rows(const Table& table) {
    // The server refuses UPDATE and DELETE of a published table whose whole rows identify it but are not published.
    const auto unpublished = std::ranges::find(table.columns, 'v', &Column::generated);
    if (unpublished != table.columns.end()) {
        refuse(fmt::format("table {} has REPLICA IDENTITY FULL and the virtual generated column {}, which cannot be "
                           "published: the application's UPDATE and DELETE would fail",
                           table.name.sql(), quote_identifier(unpublished->name)),
               how_to_get_a_key(table));
    }
    const Index* key = primary_key(table);
    if (key == nullptr || !identifies_rows(table, *key)) {
        key = best_unique_index(table);
    }
    if (key == nullptr) {
        refuse(fmt::format("table {} has no primary key and no immediate unique index on NOT NULL columns, so its rows "
                           "cannot be followed",
                           table.name.sql()),
               how_to_get_a_key(table));
    }
    return key;
}

void check_key_column(const Table& table, const Index& index, const Column& column) {
    if (column.generated != 0) {
        refuse(fmt::format("key column {} of table {} is generated, and generated columns are not in the change stream",
                           quote_identifier(column.name), table.name.sql()),
               fmt::format("Identify rows by another unique index on ordinary NOT NULL columns: ALTER TABLE {} REPLICA "
                           "IDENTITY USING INDEX …",
                           table.name.sql()));
    }
    // Printed as names: what is renamed or dropped meanwhile would be another text, or none that can be read back.
    if (column.base_type_sql.starts_with("reg")) {
        refuse(fmt::format("key column {} of table {} has type {}, whose values are printed as names",
                           quote_identifier(column.name), table.name.sql(), column.type_sql),
               fmt::format("Identify rows by an index other than {}: ALTER TABLE {} REPLICA IDENTITY USING INDEX …",
                           quote_identifier(index.name), table.name.sql()));
    }
    if (!column.array_type_exists) {
        refuse(fmt::format("key column {} of table {} has type {}, which has no array type",
                           quote_identifier(column.name), table.name.sql(), column.type_sql),
               fmt::format("Identify rows by an index other than {}: ALTER TABLE {} REPLICA IDENTITY USING INDEX …",
                           quote_identifier(index.name), table.name.sql()));
    }
}

}  // namespace

KeyIndex choose_key_index(const Table& table) {
    KeyIndex choice;
    switch (table.replica_identity) {
        case 'd':
            choice.index = by_default(table);
            break;
        case 'i':
            choice.index = by_index(table);
            break;
        case 'f':
            choice.index = with_full_rows(table);
            choice.full_rows_in_stream = true;
            break;
        default:
            refuse(fmt::format("table {} has REPLICA IDENTITY NOTHING, so its changes carry no key", table.name.sql()),
                   primary_key(table) != nullptr && identifies_rows(table, *primary_key(table))
                       ? fmt::format("ALTER TABLE {} REPLICA IDENTITY DEFAULT", table.name.sql())
                       : how_to_get_a_key(table));
    }
    for (const int attnum : choice.index->key_attnums) {
        const Column* column = table.column_at(attnum);
        ensure(column != nullptr, "a key column is not among the table's columns");
        check_key_column(table, *choice.index, *column);
    }
    return choice;
}

Key make_key(const Table& table, const KeyIndex& choice, const std::vector<KeyOperators>& operators) {
    ensure(operators.size() == choice.index->key_attnums.size(), "the key's operator classes are not all known");
    Key key{.index = choice.index->name, .columns = {}, .full_rows_in_stream = choice.full_rows_in_stream};
    const std::string elsewhere = fmt::format(
        "Identify rows by another unique index: ALTER TABLE {} REPLICA IDENTITY USING INDEX …", table.name.sql());
    for (const KeyOperators& one : operators) {
        const Column* column = table.column_at(one.attnum);
        ensure(column != nullptr, "a key column is not among the table's columns");
        const std::string where =
            fmt::format("key column {} of table {}", quote_identifier(column->name), table.name.sql());
        if (one.input_type == float4_type || one.input_type == float8_type) {
            refuse(fmt::format("{} is a floating point number ({})", where, column->type_sql), elsewhere);
        }
        if (one.input_type == record_type) {
            refuse(fmt::format("{} is of a composite type ({})", where, column->type_sql), elsewhere);
        }
        const bool ordered =
            !one.less.empty() && !one.less_equal.empty() && !one.greater.empty() && !one.greater_equal.empty();
        if (one.equals.empty() || !ordered) {
            refuse(fmt::format("{} has an operator class without an equality and an order", where), elsewhere);
        }
        if (one.foreign_determinism) {
            refuse(fmt::format("{} and its index {} disagree, through a nondeterministic collation, on which values "
                               "are equal",
                               where, choice.index->name),
                   elsewhere);
        }
        key.columns.push_back({.attnum = one.attnum,
                               .name = column->name,
                               .base_type_sql = column->base_type_sql,
                               .equals = one.equals,
                               .less = one.less,
                               .less_equal = one.less_equal,
                               .greater = one.greater,
                               .greater_equal = one.greater_equal,
                               .collation = one.collation,
                               .opclass = one.opclass,
                               .descending = one.descending,
                               .nulls_first = one.nulls_first});
    }
    return key;
}

namespace {

// Strategies of btree: less, less or equal, equal, greater or equal, greater. indoption: 1 is DESC, 2 NULLS FIRST.
constexpr std::string_view operators_sql = R"sql(
SELECT k.attnum, oc.opcintype, o.names[3], o.names[1], o.names[2], o.names[5], o.names[4],
       CASE WHEN k.coll <> a.attcollation
            THEN (SELECT format('%I.%I', n.nspname, ci.collname) FROM pg_namespace n WHERE n.oid = ci.collnamespace)
            ELSE '' END,
       CASE WHEN oc.opcdefault THEN '' ELSE format('%I.%I', ocn.nspname, oc.opcname) END,
       k.option::int & 1 <> 0, k.option::int & 2 <> 0,
       k.coll <> a.attcollation AND NOT (coalesce(ci.collisdeterministic, true)
                                              AND coalesce(ca.collisdeterministic, true))
  FROM pg_index i
 CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
                    WITH ORDINALITY AS k (attnum, class, coll, option, ord)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  JOIN pg_opclass oc ON oc.oid = k.class
  JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
  LEFT JOIN pg_collation ci ON ci.oid = k.coll
  LEFT JOIN pg_collation ca ON ca.oid = a.attcollation
 CROSS JOIN LATERAL (
   SELECT array_agg(coalesce((SELECT quote_ident(n.nspname) || '.' || p.oprname
                                FROM pg_amop m JOIN pg_operator p ON p.oid = m.amopopr
                                JOIN pg_namespace n ON n.oid = p.oprnamespace
                               WHERE m.amopfamily = oc.opcfamily AND m.amoppurpose = 's' AND m.amopstrategy = s
                                 AND m.amoplefttype = oc.opcintype AND m.amoprighttype = oc.opcintype), '')
                    ORDER BY s) AS names
     FROM generate_series(1, 5) AS s) AS o
 WHERE i.indexrelid = $table AND k.ord <= i.indnkeyatts
 ORDER BY k.ord)sql";

std::string operator_call(std::string_view qualified) {
    return qualified.empty() ? std::string{} : fmt::format("OPERATOR({})", qualified);
}

}  // namespace

Task<Key> choose_key(postgres::Connection& connection, const Table& table) {
    const KeyIndex choice = choose_key_index(table);
    const postgres::Result rows = co_await query_qualified(connection, for_table(operators_sql, choice.index->oid));
    std::vector<KeyOperators> operators;
    for (int row = 0; row < rows.rows(); ++row) {
        operators.push_back({.attnum = static_cast<int>(rows.int64(row, 0)),
                             .input_type = rows.oid(row, 1),
                             .equals = operator_call(rows.text(row, 2)),
                             .less = operator_call(rows.text(row, 3)),
                             .less_equal = operator_call(rows.text(row, 4)),
                             .greater = operator_call(rows.text(row, 5)),
                             .greater_equal = operator_call(rows.text(row, 6)),
                             .collation = rows.str(row, 7),
                             .opclass = rows.str(row, 8),
                             .descending = rows.boolean(row, 9),
                             .nulls_first = rows.boolean(row, 10),
                             .foreign_determinism = rows.boolean(row, 11)});
    }
    co_return make_key(table, choice, operators);
}

}  // namespace pgwraith::catalog
