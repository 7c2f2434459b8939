#include "free_space.h"

#include <sys/statvfs.h>

namespace pgwraith::migration {

namespace {

Task<std::optional<std::uint64_t>> free_at(postgres::Connection& connection, std::string path_sql) {
    std::optional<std::uint64_t> room;
    // Over a Unix socket: then its files are on this host, unless the socket is shared between containers. In that case
    // the directory is mostly not there, or its version file is not.
    if (!connection.address().starts_with('/')) co_return room;
    auto where = co_await connection.query(path_sql);
    if (where.empty() || where.is_null(0, 0)) co_return room;
    struct statvfs found {};
    if (::statvfs(where.str(0, 0).c_str(), &found) == 0) {
        room = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    }
    co_return room;
}

}  // namespace

Task<std::optional<std::uint64_t>> free_for_wal(postgres::Connection& connection) {
    co_return co_await free_at(connection,
                               "SELECT setting || '/pg_wal' FROM pg_catalog.pg_settings WHERE name = 'data_directory'");
}

// A role that may not see data_directory sees no tablespace's either, as a row.
Task<std::optional<std::uint64_t>> free_for_table(postgres::Connection& connection, Oid table) {
    co_return co_await free_at(
        connection,
        "SELECT CASE WHEN l.path = '' OR l.path LIKE 'pg_tblspc%' THEN s.setting || '/base' ELSE l.path END "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database(), "
        "LATERAL (SELECT pg_catalog.pg_tablespace_location(CASE c.reltablespace WHEN 0 THEN d.dattablespace "
        "  ELSE c.reltablespace END) AS path) AS l, "
        "(SELECT (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory')) AS s (setting) "
        "WHERE c.oid = " +
            std::to_string(table));
}

}  // namespace pgwraith::migration
