// Decides which position the slot may be told (docs/architecture.md, invariant 2). Pure.
#pragma once

#include "pgwraith/base/lsn.h"

namespace pgwraith::capture {

// The server is told a position that is durable in the ledger, never more. So the slot is never ahead of the ledger,
// and a slot that is ahead was moved by somebody else. The position of a keepalive between
// transactions is such a position too once it is durable, behind everything received before it: otherwise a quiet table
// would pin the WAL that the rest of the database writes.
class Acknowledgement {
  public:
    // `durable`: where the ledger stood when the stream was started.
    explicit Acknowledgement(Lsn durable);

    void began();             // Begin received
    void committed(Lsn end);  // Commit received: its end
    void recorded(Lsn end);   // the ledger took everything up to there
    void synced(Lsn end);     // … and it is durable
    // Keepalive received: the server has nothing before `wal_end` which it has not sent. True when it counts, that is,
    // between transactions: then `wal_end` is received, and takes the way through the ledger like a commit's end.
    bool keepalive(Lsn wal_end);

    // May be told to the server as flushed. Never goes backwards.
    Lsn flushed() const { return flushed_; }

    // The last position received, durable or not. Never told to the server, except by a mutation that a test must
    // catch.
    Lsn received() const { return received_; }
    // Received and recorded, durable or not.
    Lsn recorded() const { return recorded_; }
    // Recorded but not yet durable: a sync would move flushed().
    bool sync_pending() const { return synced_ < recorded_; }

  private:
    Lsn received_;
    Lsn recorded_;
    Lsn synced_;
    Lsn flushed_;
    bool in_transaction_ = false;
};

}  // namespace pgwraith::capture
