// Reasons not to begin. Each check stands alone and reads only.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

struct Refusal {
    std::string reason;  // one sentence: what is in the way, by name
    std::string remedy;  // what to do about it
};

struct PreflightReport {
    std::vector<Refusal> refusals;
    std::vector<std::string> warnings;  // max_slot_wal_keep_size unlimited, little disk, …
};

// The server and our role: wal_level, version, standby, free slots and senders, REPLICATION, ownership,
// CREATE on the database, FOR ALL TABLES publications.
// `own_slot`: the migration's slot name; when it exists already it does not count as missing capacity.
Task<PreflightReport> check_server(postgres::Connection& connection, const Table& table, std::string own_slot);

// The table itself: kind, persistence, inheritance, partition, system or extension table, subscription target.
Task<PreflightReport> check_table(postgres::Connection& connection, const Table& table);

// Everything in pg_depend that hangs on the table and that this version does not carry over, each by name.
Task<PreflightReport> check_dependents(postgres::Connection& connection, const Table& table);

}  // namespace pgwraith::catalog
