#include "swap_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/postgres/version.h"

namespace pgwraith::cutover {

namespace {

constexpr std::uint64_t few_keys = 300;
constexpr milliseconds quick_pass{50};
constexpr milliseconds weak_limit{60'000};

}  // namespace

bool is_nearly_current(const transfer::PassResult& pass) {
    return pass.seen <= few_keys || (pass.seen <= few_keys * 10 && pass.took < quick_pass);
}

std::string session_sql(milliseconds max_blocked) {
    return fmt::format(
        "SET idle_in_transaction_session_timeout = '{0}ms'; SET statement_timeout = '{0}ms'; "
        "SET default_tablespace = ''; SET tcp_user_timeout = '{1}ms'; SET client_connection_check_interval = '100ms'; "
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; "
        "SET plan_cache_mode = force_generic_plan",
        weak_limit.count(), max_blocked.count());
}

std::string blocking_sql(int server_version, milliseconds max_blocked) {
    auto sql =
        fmt::format("SET LOCAL statement_timeout = '{0}ms'; SET LOCAL idle_in_transaction_session_timeout = '{0}ms'",
                    max_blocked.count());
    if (server_version >= postgres::since::transaction_timeout) {
        sql += fmt::format("; SET LOCAL transaction_timeout = '{}ms'", 2 * max_blocked.count());
    }
    return sql;
}

std::string idling_sql(int server_version, milliseconds left) {
    const auto limit = std::max<std::int64_t>(1, left.count());  // 0 would be none
    auto sql = fmt::format("SET LOCAL idle_in_transaction_session_timeout = '{}ms'", limit);
    // (Its timer, once running, is not set anew by another value.)
    if (server_version >= postgres::since::transaction_timeout) {
        sql += fmt::format("; SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = '{}ms'", limit);
    }
    return sql;
}

}  // namespace pgwraith::cutover
