// The outcome of a transaction, what one sees, and whether the server remembers its id after a crash.
#pragma once

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

enum class XactStatus {
    in_progress,
    committed,
    aborted,
    forgotten,  // so long ago that the server no longer knows
};

// pg_xact_status(). Throws PgError for an id that the server has not given out yet.
Task<XactStatus> xact_status(Connection& connection, Xid xid);
// Waits until the transaction has ended: a backend whose client is gone ends by itself.
Task<XactStatus> final_xact_status(Connection& connection, Xid xid);

// What current_snapshot() asks, and how the answer is read: for who sends it together with other statements.
constexpr const char* snapshot_sql = "SELECT pg_current_snapshot()::text";
Snapshot snapshot_of(const Result& answer);

// Everything in the WAL up to now is on the server's disk when this returns: it commits, and a commit flushes.
// A server that crashes may give an id away again of which nothing reached its disk; after this it does not.
Task<void> flush_wal(Connection& connection);
// The same within the caller's transaction, whatever else its message does. REQUIRES: server_version() >=
// since::flushed_messages.
constexpr const char* flush_wal_within_sql = "SELECT pg_logical_emit_message(false, 'pgwraith', '', true)";

}  // namespace pgwraith::postgres
