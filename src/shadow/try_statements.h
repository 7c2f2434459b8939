// Tries the statements of later phases while the shadow is empty, so that the server refuses them at the beginning.
#pragma once

#include "pgwraith/shadow/pair.h"

namespace pgwraith::shadow {

// Has the server plan the copy: the new columns can be computed from an old row. Throws Error(refused).
Task<void> try_copy(postgres::Connection& connection, Pair pair);

// Each of the configuration's `values` is one value of one row: no set, no aggregate. Throws Error(refused).
// REQUIRES: try_copy() has passed.
Task<void> require_one_value(postgres::Connection& connection, Pair pair);

// Has the server plan the statements that apply, verify and purge. Throws Error(refused).
Task<void> try_statements(postgres::Connection& connection, Pair pair);

// Whether the server takes the statements that update rows of the shadow (mapping.updatable). It does not where a
// column GENERATED ALWAYS AS IDENTITY is filled, which no statement can set. REQUIRES: KeyIndexes::arbiter.
Task<bool> can_update(postgres::Connection& connection, Pair pair);

// Sentences about UPDATE and DELETE of the application that would fail on the new table, because it is published and
// the change leaves it without a key, or the publication without the key's columns (as the plain ALTER would).
// REQUIRES: the shadow has its indexes.
Task<std::vector<std::string>> try_publications(postgres::Connection& connection, Pair pair);

}  // namespace pgwraith::shadow
