// Reading the catalogs so that every definition text comes out with all names qualified.
#pragma once

#include <string>
#include <string_view>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

// Runs one reading statement with an empty search_path and in the fixed forms, and leaves the session's own as they
// were, inside a transaction of the caller as well as outside. No parameters: see for_table().
Task<postgres::Result> query_qualified(postgres::Connection& connection, std::string sql);

// Puts the OID where the statement says $table.
std::string for_table(std::string_view sql, Oid oid);

// A "char" of the catalogs: '\0' reads as an empty string.
inline char catalog_char(std::string_view text) { return text.empty() ? char{0} : text.front(); }

}  // namespace pgwraith::catalog
