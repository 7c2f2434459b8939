// The indexes that could identify rows, those that almost could, and the words for that. Pure.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/identified.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

const Index* primary_key(const Table& table);

// Why it can be no replica identity, NOT NULL apart; empty: it can.
std::string what_is_wrong(const Index& index);
std::vector<const Column*> nullable_columns(const Table& table, const Index& index);
// Why the values of its columns cannot be followed; empty: they can.
std::string what_is_wrong_with_columns(const Table& table, const Index& index);
// What PostgreSQL itself asks of REPLICA IDENTITY USING INDEX.
bool identifies_rows(const Table& table, const Index& index);

// The indexes that could be the replica identity, the best first: few columns, then narrow ones, then by name.
std::vector<const Index*> candidates(const Table& table);
int width_of(const Table& table, const Index& index);  // bytes, roughly

std::string names_of(const std::vector<const Column*>& columns);
// How to make NOT NULL what keeps the index from identifying rows.
std::string not_null_hint(const Table& table, const Index& index);
// For a table that has nothing to identify rows by.
std::string how_to_get_a_key(const Table& table);
// For a replica identity that `key` could not give back.
std::string other_identity(const Table& table);

}  // namespace pgwraith::catalog
