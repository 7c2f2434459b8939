// Differences between server versions that the program must know. docs/architecture.md has the same list with reasons.
// Numbers as Connection::server_version() and `server_version_num` give them.
#pragma once

namespace pgwraith::postgres::since {

inline constexpr int supported = 150000;
// pgoutput leaves out changes that have a replication origin, on request.
inline constexpr int origins_left_out = 160000;
// pg_logical_emit_message() can be told to flush, so an intent needs no commit of another session.
inline constexpr int flushed_messages = 170000;
inline constexpr int transaction_timeout = 170000;
// Checkpoints have a statistics view of their own.
inline constexpr int stat_checkpointer = 170000;
// The server builds an index under the search_path `pg_catalog, pg_temp`, not under the session's.
inline constexpr int safe_search_path = 170000;
// A partitioned table takes a NOT VALID foreign key.
inline constexpr int not_valid_on_partitioned = 180000;
// A publication says whether it has generated columns, and under REPLICA IDENTITY FULL it must.
inline constexpr int published_generated_columns = 180000;
// wal_level = replica becomes logical by itself as soon as there is a logical slot.
inline constexpr int logical_on_demand = 190000;

}  // namespace pgwraith::postgres::since
