// Publication and replication slot: made, looked at, dropped.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::capture {

// The publication of the one table, with its key columns only (all columns under REPLICA IDENTITY FULL, which a
// column list must cover).
// REQUIRES: catalog::choose_key() accepted the table: a publication that does not cover the replica identity makes the
// application's UPDATE and DELETE fail.
Task<Oid> create_publication(postgres::Connection& connection, std::string name, catalog::Table table,
                             catalog::Key key);

// Creates the slot, and returns the position it starts from when every transaction that it will not send is visible to
// new snapshots (design, invariant 1). Waits for the transactions of that time to end, and logs now and then for which.
Task<Lsn> create_slot(const postgres::Sessions& sessions, std::string name);

struct SlotState {
    Lsn confirmed_flush;
    std::string wal_status;
    bool active = false;
    int active_pid = 0;
};
Task<std::optional<SlotState>> read_slot(postgres::Connection& connection, std::string name);

// Ends the walsender that may still use it, then drops it. False: there was none.
Task<bool> drop_slot(postgres::Connection& connection, std::string name);

}  // namespace pgwraith::capture
