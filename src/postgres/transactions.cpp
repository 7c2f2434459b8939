#include "pgwraith/postgres/transactions.h"

#include <string>

namespace pgwraith::postgres {

Task<XactStatus> xact_status(Connection& connection, Xid xid) {
    const auto row =
        co_await connection.query("SELECT pg_xact_status($1::text::xid8)", postgres::params(std::to_string(xid)));
    if (row.is_null(0, 0)) co_return XactStatus::forgotten;
    const auto status = row.text(0, 0);
    if (status == "in progress") co_return XactStatus::in_progress;
    co_return status == "committed" ? XactStatus::committed : XactStatus::aborted;
}

Task<XactStatus> final_xact_status(Connection& connection, Xid xid) {
    for (;;) {
        const auto status = co_await xact_status(connection, xid);
        if (status != XactStatus::in_progress) co_return status;
        co_await sleep_for(milliseconds{100});
    }
}

Task<void> flush_wal(Connection& connection) {
    co_await connection.query("SELECT pg_logical_emit_message(true, 'pgwraith', '')");
}

Task<void> flush_wal_within(Connection& connection) {
    co_await connection.query("SELECT pg_logical_emit_message(false, 'pgwraith', '', true)");
}

}  // namespace pgwraith::postgres
