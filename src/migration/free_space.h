// Free space on the disks where the server keeps its files, if we can see them.
#pragma once

#include <cstdint>
#include <optional>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// nullopt: the server is on another host, or hides where its files are.
Task<std::optional<std::uint64_t>> free_for_wal(postgres::Connection& connection);
// Where the table is.
Task<std::optional<std::uint64_t>> free_for_table(postgres::Connection& connection, Oid table);

}  // namespace pgwraith::migration
