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

Snapshot snapshot_of(const Result& answer) {
    const auto snapshot = Snapshot::parse(answer.text(0, 0));
    ensure(snapshot.has_value(), ("not a snapshot: " + answer.str(0, 0)).c_str());
    return *snapshot;
}

Task<Snapshot> current_snapshot(Connection& connection) {
    const auto answer = co_await connection.query(snapshot_sql);
    co_return snapshot_of(answer);
}

Task<void> flush_wal(Connection& connection) {
    co_await connection.query("SELECT pg_logical_emit_message(true, 'pgwraith', '')");
}

}  // namespace pgwraith::postgres
