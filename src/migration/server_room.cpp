#include "server_room.h"

#include <fmt/format.h>

#include "free_space.h"
#include "pgwraith/plan/ways.h"

namespace pgwraith::migration {

namespace {

bool fits(std::optional<std::uint64_t> room, std::uint64_t need, double margin) {
    return !room || static_cast<double>(*room) >= static_cast<double>(need) * margin;
}

std::optional<std::uint64_t> limit(const postgres::Result& row, int column) {
    const auto bytes = row.int64(0, column);
    if (bytes < 0) return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace

Task<ServerRoom> read_server_room(postgres::Connection& connection, catalog::Table live, config::Settings settings) {
    ServerRoom room;
    const auto row = co_await connection.query(
        "SELECT (SELECT CASE WHEN setting = '-1' THEN -1 ELSE setting::bigint * 1048576 END "
        "          FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'), "
        "       (SELECT CASE WHEN setting = '-1' THEN -1 ELSE setting::bigint * 1024 END "
        "          FROM pg_catalog.pg_settings WHERE name = 'temp_file_limit'), "
        "       (SELECT coalesce(pg_catalog.sum(largest.size), 0)::bigint "
        "          FROM (SELECT pg_catalog.pg_relation_size(indexrelid) AS size FROM pg_catalog.pg_index "
        "                 WHERE indrelid = $1::oid ORDER BY size DESC LIMIT $2::int) AS largest)",
        postgres::params(std::to_string(live.oid), std::to_string(settings.build.workers)));
    room.kept_wal = limit(row, 0);
    room.temp_files = limit(row, 1);
    room.built_at_once = static_cast<std::uint64_t>(row.int64(0, 2));
    room.wal_disk = co_await free_for_wal(connection);
    room.table_disk = co_await free_for_table(connection, live.oid);
    room.table = live.total_bytes();
    room.indexes = live.index_bytes;
    co_return room;
}

void judge_room(const ServerRoom& room, Survey& survey) {
    // A slot keeps WAL from the beginning of the longest transaction that writes; that is the build of an index.
    constexpr double wal_margin = 2;  // the application writes as well
    const auto built = format_size(room.built_at_once);
    if (!fits(room.kept_wal, room.built_at_once, wal_margin)) {
        auto reason = fmt::format(
            "the slot keeps all WAL while an index is built, about {} for the largest ones, and "
            "max_slot_wal_keep_size is {}",
            built, format_size(*room.kept_wal));
        auto remedy = fmt::format(
            "raise it to {} or more (a reload is enough), or the server takes the slot in the "
            "middle of the build",
            format_size(2 * room.built_at_once));
        if (fits(room.kept_wal, room.built_at_once, 0.5)) {
            survey.warnings.push_back(fmt::format("{}: {}", reason, remedy));
        } else {
            survey.refusals.push_back({std::move(reason), std::move(remedy)});
        }
    }
    if (!fits(room.wal_disk, room.built_at_once, wal_margin)) {
        survey.warnings.push_back(
            fmt::format("the slot keeps all WAL while an index is built, about {} for the largest ones, and {} are "
                        "free on the disk of pg_wal",
                        built, format_size(*room.wal_disk)));
    }
    // No refusal: a table that is rebuilt because it is bloated takes less afterwards.
    if (room.table_disk && *room.table_disk < plan::room_for_shadow(room.table)) {
        survey.warnings.push_back(
            fmt::format("the new table takes up to {}, and {} are free where the table is: if the disk runs full, the "
                        "copy stops and waits, and so does everybody else who writes there",
                        format_size(room.table), format_size(*room.table_disk)));
    }
    // An index's sort may need about what the index takes.
    if (!fits(room.temp_files, room.indexes, 1)) {
        survey.warnings.push_back(fmt::format(
            "temp_file_limit is {} for our role, and the table's indexes take {}: the sort for one of them may be "
            "refused after the copy; raise the limit for the role, or build.maintenance_work_mem",
            format_size(*room.temp_files), format_size(room.indexes)));
    }
}

}  // namespace pgwraith::migration
