// The rows that the server complains about, found by trying.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/transfer/chunks.h"

namespace pgwraith::online {

inline constexpr std::size_t rows_named = 5;

// What names a row, as SQL: id=1, region=eu of its primary key (without INCLUDE columns), else its place.
Task<std::string> row_name_sql(postgres::Connection& connection, Oid table);

struct OffendingRows {
    std::vector<std::string> names;  // of up to `rows_named`
    std::string why;                 // what the server said of the last of them
};

// What the server says of the rows that meet a condition; nullopt: it takes them.
using Attempt = std::function<Task<std::optional<postgres::PgError>>(std::string condition)>;

// In the first block of `range` that has such rows. No names: the rows are gone, or were corrected,
// meanwhile. REQUIRES: `attempt` leaves nothing
// behind, and the session in a state to go on.
Task<OffendingRows> find_offending(postgres::Connection& connection, Oid oid, QualifiedName table,
                                   transfer::BlockRange range, Attempt attempt);

}  // namespace pgwraith::online
