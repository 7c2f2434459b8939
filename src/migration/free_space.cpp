#include "free_space.h"

#include <sys/statvfs.h>

namespace pgwraith::migration {

Task<std::optional<std::uint64_t>> free_for_wal(postgres::Connection& connection) {
    std::optional<std::uint64_t> room;
    // Over a Unix socket: then its files are on this host, unless the socket is shared between containers. In that case
    // the directory is mostly not there, or its version file is not.
    if (!connection.address().starts_with('/')) co_return room;
    auto where = co_await connection.query(
        "SELECT setting || '/pg_wal' FROM pg_catalog.pg_settings WHERE name = 'data_directory'");
    if (where.empty() || where.is_null(0, 0)) co_return room;
    struct statvfs found {};
    if (::statvfs(where.str(0, 0).c_str(), &found) == 0) {
        room = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    }
    co_return room;
}

}  // namespace pgwraith::migration
