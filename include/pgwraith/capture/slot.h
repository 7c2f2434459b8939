// The replication slot: made, looked at, dropped.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pgwraith/base/activity.h"
#include "pgwraith/postgres/replication.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::capture {

// The new slot is of no use: somebody dropped it before it was held, or WAL that it needs is gone already. Nothing has
// been copied yet: it is made anew.
class NewSlotLost : public Error {
  public:
    explicit NewSlotLost(std::string how);
};

// A new slot, and the walsender that keeps it in use: cluster managers drop slots that are not.
struct NewSlot {
    // Every transaction that ends before this position is visible to new snapshots (docs/architecture.md, invariant 1).
    // The slot itself stands further back: the changes between must not be streamed.
    Lsn start;
    std::unique_ptr<postgres::ReplicationStream> holder;  // streams nothing
    // When, before it was made, there was no replication origin but ours, and we might use ours; nullopt: not so.
    std::optional<Clock::time_point> no_others_at;
};

// Waits for the transactions of that time to end; `say` is told for which, and so is the log.
// REQUIRES: the publication exists; no transaction is open on the connection.
Task<NewSlot> create_slot(const postgres::Sessions& sessions, postgres::Connection& connection, Say say,
                          std::string name, std::string publication);

// Of START_REPLICATION.
std::string stream_options(const std::string& publication, bool leave_out_origins);

struct SlotState {
    Lsn confirmed_flush;
    std::string wal_status;
    std::string invalidation;  // why it is lost (from PostgreSQL 17 on)
    bool active = false;
    int active_pid = 0;
};
Task<std::optional<SlotState>> read_slot(postgres::Connection& connection, std::string name);

// Waits a while until nobody uses it but the process `own_pid`, then ends the walsender that still does. Returns the
// slot's state, nullopt when there is no such slot.
Task<std::optional<SlotState>> free_slot(postgres::Connection& connection, std::string name, int own_pid);

// Why a slot is gone or lost, and a remedy.
Error slot_gone(const std::string& name);
Error slot_lost(const std::string& name, const std::string& invalidation);
// Whether a walsender ended with this because WAL that its slot needs is gone. A checkpoint that had begun before a
// slot was made can remove some of it all the same, whatever max_slot_wal_keep_size is. Pure.
bool tells_of_removed_wal(const postgres::PgError& error);
// Of a slot of which the server itself need not say that it is lost, or not yet.
Error slot_without_wal(const std::string& name, const postgres::PgError& error);

// Ends the walsender that may still use it, then drops it. False: there was none.
Task<bool> drop_slot(postgres::Connection& connection, std::string name);

}  // namespace pgwraith::capture
