// Ranges of keys in the order of the key's index, as conditions that the index can be searched with.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/plan/mapping.h"

namespace pgwraith::shadow {

// One side of a comparison: the key's columns as SQL, in key order, and the bounds' values in their types.
struct KeySide {
    const std::vector<plan::MappedKeyColumn>& key;
    std::vector<std::string> columns;  // with the index's collation where it is not the column's
    bool shadow = false;               // bounds are cast to the shadow's types
};

// "column OPERATOR(…) value" AND …: all of the key.
std::string equal_keys(const KeySide& side, const std::vector<std::string>& values);

// " WHERE …": lower exclusive, upper inclusive, either may be missing; parameters are numbered in that order.
std::string range_where(const KeySide& side, bool lower, bool upper);

// What follows ORDER BY for the order of the index.
std::string key_order(const KeySide& side);

// The key's columns as k1, k2, … of the row that comes $n rows (the last parameter) behind the lower bound.
// `from`: FROM ONLY table.
std::string nth_key(const KeySide& side, const std::string& from, bool lower);

}  // namespace pgwraith::shadow
