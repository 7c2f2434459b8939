// Free space on the disk where the server keeps its WAL, if we can see that disk.
#pragma once

#include <cstdint>
#include <optional>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

// nullopt: the server is on another host, or hides where its files are.
Task<std::optional<std::uint64_t>> free_for_wal(postgres::Connection& connection);

}  // namespace pgwraith::migration
