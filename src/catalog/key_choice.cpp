#include "key_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "key_candidates.h"
#include "pgwraith/base/error.h"

namespace pgwraith::catalog {

namespace {

constexpr Oid float4_type = 700;
constexpr Oid float8_type = 701;
constexpr Oid record_type = 2249;  // the operator classes of composite types are for any record

[[noreturn]] void refuse(std::string what, std::string hint) {
    throw Error(ErrorKind::refused, std::move(what), std::move(hint));
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
               other_identity(table));
    }
    if (!identifies_rows(table, *found)) {
        refuse(fmt::format("the replica identity index {} of table {} does not identify rows any more", found->name,
                           table.name.sql()),
               other_identity(table));
    }
    return &*found;
}

// The server refuses UPDATE and DELETE of a published table whose whole rows identify it but are not published.
const Column* unpublished_column(const Table& table) {
    const auto found = std::ranges::find(table.columns, Generated::not_stored, &Column::generated);
    return found == table.columns.end() ? nullptr : &*found;
}

const Index* with_full_rows(const Table& table) {
    if (const Column* column = unpublished_column(table); column != nullptr) {
        refuse(fmt::format("table {} has REPLICA IDENTITY FULL and the virtual generated column {}, which cannot be "
                           "published: the application's UPDATE and DELETE would fail",
                           table.name.sql(), quote_identifier(column->name)),
               how_to_get_a_key(table));
    }
    const Index* key = primary_key(table);
    if (key != nullptr && identifies_rows(table, *key)) return key;
    const auto found = candidates(table);
    if (found.empty()) {
        refuse(fmt::format("table {} has no primary key and no immediate unique index on NOT NULL columns, so its rows "
                           "cannot be followed",
                           table.name.sql()),
               how_to_get_a_key(table));
    }
    return found.front();
}

// What the server identifies rows by already.
KeyIndex by_server(const Table& table) {
    KeyIndex choice;
    switch (table.replica_identity) {
        case IdentityKind::primary_key:
            choice.index = by_default(table);
            break;
        case IdentityKind::index:
            choice.index = by_index(table);
            break;
        case IdentityKind::full:
            choice.index = with_full_rows(table);
            choice.full_rows_in_stream = true;
            break;
        default: {
            const auto* primary = primary_key(table);
            const bool usable = primary != nullptr && identifies_rows(table, *primary);
            const auto remedy =
                usable ? fmt::format("ALTER TABLE {} REPLICA IDENTITY DEFAULT; or, for the time of the migration: ",
                                     table.name.sql())
                       : std::string{};
            refuse(fmt::format("table {} has REPLICA IDENTITY NOTHING, so its changes carry no key", table.name.sql()),
                   remedy + how_to_get_a_key(table));
        }
    }
    if (const auto why = what_is_wrong_with_columns(table, *choice.index); !why.empty()) {
        refuse(why, candidates(table).empty()
                        ? fmt::format("Identify rows by an index other than {}, on ordinary NOT NULL columns, with "
                                      "`key: …` in the configuration",
                                      quote_identifier(choice.index->name))
                        : how_to_get_a_key(table));
    }
    return choice;
}

// With FULL rows any index will do. Otherwise it must be what the server goes by; if it is not, for a while.
KeyIndex by(const Table& table, const Index& index) {
    if (table.replica_identity == IdentityKind::full && unpublished_column(table) == nullptr) {
        return {.index = &index, .full_rows_in_stream = true};
    }
    const bool already = (table.replica_identity == IdentityKind::primary_key && index.primary) ||
                         (table.replica_identity == IdentityKind::index && index.replica_identity);
    if (!already && table.replica_identity == IdentityKind::index)
        by_index(table);  // what could not be given back is refused
    return {.index = &index, .borrows_identity = !already};
}

KeyIndex by_name(const Table& table, const QualifiedName& wanted) {
    const auto found = std::ranges::find(table.indexes, wanted.name, &Index::name);
    if (found == table.indexes.end() || (!wanted.schema.empty() && wanted.schema != table.name.schema)) {
        const auto name = wanted.schema.empty() ? quote_identifier(wanted.name) : wanted.sql();
        refuse(fmt::format("`key` names {}, and table {} has no such index", name, table.name.sql()),
               how_to_get_a_key(table));
    }
    const auto cannot =
        fmt::format("`key` names index {} of table {}, which cannot identify rows: ", quote_identifier(found->name),
                    table.name.sql());
    auto why = what_is_wrong(*found);
    if (!why.empty()) refuse(cannot + why, how_to_get_a_key(table));
    if (const auto nullable = nullable_columns(table, *found); !nullable.empty()) {
        refuse(fmt::format("{}{} may be NULL", cannot, names_of(nullable)), not_null_hint(table, *found));
    }
    why = what_is_wrong_with_columns(table, *found);
    if (!why.empty()) refuse(cannot + why, how_to_get_a_key(table));
    return by(table, *found);
}

std::vector<KeyIndex> automatic(const Table& table) {
    std::vector<KeyIndex> choices;
    std::optional<Error> refused;
    try {
        choices.push_back(by_server(table));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    for (const Index* index : candidates(table)) {
        if (choices.empty() || index != choices.front().index) choices.push_back(by(table, *index));
    }
    if (choices.empty()) throw Error(*refused);
    return choices;
}

}  // namespace

std::vector<KeyIndex> possible_keys(const Table& table, const KeyWish& wish) {
    if (wish.automatic) return automatic(table);
    std::vector<KeyIndex> one;
    one.push_back(wish.index.name.empty() ? by_server(table) : by_name(table, wish.index));
    return one;
}

std::string why_this_one(const Table& table, const std::vector<KeyIndex>& choices, std::size_t chosen) {
    const auto& choice = choices.at(chosen);
    if (!choice.borrows_identity) return "the server identifies rows by it already";
    std::vector<std::string> others;
    for (std::size_t at = chosen + 1; at < choices.size(); ++at) others.push_back(choices[at].index->name);
    if (others.empty()) return "no other unique index identifies rows";
    const Index& index = *choice.index;
    const Index& next = *choices[chosen + 1].index;
    const char* why = "the first by name of equally good ones";
    if (index.key_attnums.size() < next.key_attnums.size()) {
        why = "it has the fewest columns";
    } else if (width_of(table, index) < width_of(table, next)) {
        why = "it has the fewest columns, and is the narrowest of these";
    }
    return fmt::format("{}; others that would do: {}", why, fmt::join(others, ", "));
}

Key make_key(const Table& table, const KeyIndex& choice, const std::vector<KeyOperators>& operators) {
    ensure(operators.size() == choice.index->key_attnums.size(), "the key's operator classes are not all known");
    Key key{.index = choice.index->name,
            .index_oid = choice.index->oid,
            .columns = {},
            .full_rows_in_stream = choice.full_rows_in_stream,
            .borrows_identity = choice.borrows_identity};
    const std::string elsewhere = "Identify rows by another unique index: `key: …` in the configuration.";
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

}  // namespace pgwraith::catalog
