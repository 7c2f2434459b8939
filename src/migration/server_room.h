// Whether the server has room for what a shadow needs, asked before hours of copying. Pure but for the asking.
#pragma once

#include <cstdint>
#include <optional>

#include "survey.h"

namespace pgwraith::migration {

// Bytes.
struct ServerRoom {
    std::optional<std::uint64_t> kept_wal;    // max_slot_wal_keep_size; nullopt: no limit
    std::optional<std::uint64_t> temp_files;  // temp_file_limit of our role; nullopt: no limit
    std::optional<std::uint64_t> wal_disk;    // free for pg_wal; nullopt: it cannot be known
    std::optional<std::uint64_t> table_disk;  // free where the table is; nullopt: it cannot be known
    std::uint64_t table = 0;                  // what the table takes, with TOAST and indexes
    std::uint64_t indexes = 0;                // its indexes alone
    std::uint64_t built_at_once = 0;          // the largest indexes, as many as are built side by side
};

Task<ServerRoom> read_server_room(postgres::Connection& connection, catalog::Table live, config::Settings settings);

// The live table's sizes stand for the new one's, which may be smaller: it has no dead rows. So only a limit of the
// slot that is below half of the need is a refusal; what is below the need with a margin is a warning.
void judge_room(const ServerRoom& room, Survey& survey);

}  // namespace pgwraith::migration
