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
        if (one.equals.empty() || one.less.empty()) {
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
                               .less = one.less});
    }
    return key;
}

namespace {

// Strategies of btree: 1 is less, 3 is equal.
constexpr std::string_view operators_sql = R"sql(
SELECT k.attnum, oc.opcintype, coalesce(quote_ident(en.nspname) || '.' || eo.oprname, ''),
       coalesce(quote_ident(ln.nspname) || '.' || lo.oprname, ''),
       k.coll <> a.attcollation AND NOT (coalesce(ci.collisdeterministic, true)
                                              AND coalesce(ca.collisdeterministic, true))
  FROM pg_index i
 CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
                    WITH ORDINALITY AS k (attnum, class, coll, ord)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  JOIN pg_opclass oc ON oc.oid = k.class
  LEFT JOIN pg_collation ci ON ci.oid = k.coll
  LEFT JOIN pg_collation ca ON ca.oid = a.attcollation
  LEFT JOIN pg_amop e ON e.amopfamily = oc.opcfamily AND e.amoppurpose = 's' AND e.amopstrategy = 3
                     AND e.amoplefttype = oc.opcintype AND e.amoprighttype = oc.opcintype
  LEFT JOIN pg_operator eo ON eo.oid = e.amopopr
  LEFT JOIN pg_namespace en ON en.oid = eo.oprnamespace
  LEFT JOIN pg_amop l ON l.amopfamily = oc.opcfamily AND l.amoppurpose = 's' AND l.amopstrategy = 1
                     AND l.amoplefttype = oc.opcintype AND l.amoprighttype = oc.opcintype
  LEFT JOIN pg_operator lo ON lo.oid = l.amopopr
  LEFT JOIN pg_namespace ln ON ln.oid = lo.oprnamespace
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
                             .foreign_determinism = rows.boolean(row, 4)});
    }
    co_return make_key(table, choice, operators);
}

}  // namespace pgwraith::catalog
