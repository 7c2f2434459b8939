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

// Creates the slot, and returns the position to stream from when every transaction that ends before it is visible to
// new snapshots (docs/architecture.md, invariant 1). The server may forget that the slot was moved there, when it
// crashes. Waits for the transactions of that time to end, and logs now and then for which. REQUIRES: the publication
// exists.
Task<Lsn> create_slot(const postgres::Sessions& sessions, std::string name, std::string publication);

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
