// Finds the rows that do not fit the new table by trying them: one way serves casts, CHECKs, NOT NULL and every other
// reason of the server's.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/postgres/sessions.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/copier.h"

namespace pgwraith::transfer {

// "; the search_path in force is …", when the error is about a name that was not found.
std::string in_force(const postgres::PgError& error, const std::string& search_path);

// For an error that no row is the cause of: rights, a function that is gone. The error that stops the migration.
Task<Error> expressions_refused(const postgres::Sessions& sessions, shadow::Pair pair, postgres::PgError error);

// Up to `limit` rows of the range that the copying INSERT refuses, as describe_key() writes them. The transaction in
// which they are tried is rolled back.
Task<std::vector<std::string>> find_failing_rows(postgres::Connection& connection, shadow::Pair pair, BlockRange range,
                                                 std::size_t limit = 5);

// The same for rows of given keys.
Task<std::vector<std::string>> find_failing_keys(postgres::Connection& connection, shadow::Pair pair,
                                                 std::vector<std::string> keys, std::size_t limit = 5);

// A query for values of the new table's `columns` that more than one live row would have, each with the keys of those
// rows. Empty when the columns cannot be computed from the old row. Pure.
std::string duplicates_sql(const shadow::Pair& pair, const std::vector<std::string>& columns, std::size_t limit);

// For a unique violation that is no stale row's: up to `limit` values that occur more than once in the live table, as
// the unique index `error` names would see them, with the keys of their rows. The error that stops the migration.
Task<Error> duplicates_refused(const postgres::Sessions& sessions, shadow::Pair pair, shadow::Blueprint blueprint,
                               postgres::PgError error, std::size_t limit = 3);

// The error that stops the migration.
DataRefused data_refused(const shadow::Pair& pair, const postgres::PgError& error,
                         const std::vector<std::string>& rows);

}  // namespace pgwraith::transfer
