// The pure half of choose_key(): which index, and why not.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

struct KeyIndex {
    const Index* index = nullptr;  // into the table given
    bool full_rows_in_stream = false;
    bool borrows_identity = false;  // as in Key
};

// The index by which the server identifies rows (or, with REPLICA IDENTITY FULL, by which we may), or the one that is
// wished for; where the choice is ours all that would do, the best first. Never empty: throws Error(refused) as
// choose_key() does, except for what only the operator classes tell.
std::vector<KeyIndex> possible_keys(const Table& table, const KeyWish& wish);

// For people: why, of these, that one.
std::string why_this_one(const Table& table, const std::vector<KeyIndex>& choices, std::size_t chosen);

// What one key column's operator class says.
struct KeyOperators {
    int attnum = 0;
    Oid input_type = 0;  // opcintype
    std::string equals;  // OPERATOR("schema".=); empty when the class has none
    std::string less, less_equal, greater, greater_equal;
    std::string collation = {}, opclass = {};  // as in KeyColumn
    bool descending = false, nulls_first = false;
    bool foreign_determinism = false;  // index and column disagree on what counts as equal text
};

// REQUIRES: `operators` in key order, as many as the index has key columns.
Key make_key(const Table& table, const KeyIndex& choice, const std::vector<KeyOperators>& operators);

}  // namespace pgwraith::catalog
