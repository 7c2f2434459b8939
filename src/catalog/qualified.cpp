#include "pgwraith/catalog/qualified.h"

namespace pgwraith::catalog {

// The settings are local to the transaction. Outside of one, the statements of one simple query form a
// transaction of their own, so everything reverts by itself and the second call does nothing. Inside the
// caller's transaction the second call restores; after an error there is nothing to restore, because the
// rollback does.
Task<postgres::Result> query_qualified(postgres::Connection& connection, std::string sql) {
    std::string all =
        "SELECT pg_catalog.set_config('pgwraith.search_path', pg_catalog.current_setting('search_path'), true);"
        "SELECT pg_catalog.set_config('search_path', '', true);" +
        sql;
    postgres::Result result = co_await connection.script(std::move(all));
    co_await connection.script(
        "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('pgwraith.search_path', true), true)");
    co_return result;
}

std::string for_table(std::string_view sql, Oid oid) {
    constexpr std::string_view mark = "$table";
    const std::string number = std::to_string(oid);
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t next = sql.find(mark, at);
        out += sql.substr(at, next - at);
        if (next == std::string_view::npos) {
            return out;
        }
        out += number;
        at = next + mark.size();
    }
}

}  // namespace pgwraith::catalog
