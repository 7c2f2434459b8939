// The decision what the slot may be told (design, invariant 2). Pure.
#pragma once

#include "pgwraith/base/lsn.h"

namespace pgwraith::capture {

// What the server may be told is the end of the last transaction that is durable in the ledger. When nothing at
// all is in flight, neither a transaction half received nor a record not yet synced, the position of an idle
// keepalive counts as well: otherwise a quiet table would pin the WAL that the rest of the database writes.
class Acknowledgement {
  public:
    // `durable`: where the ledger stood when the stream was started.
    explicit Acknowledgement(Lsn durable);

    void began();                // Begin received
    void committed(Lsn end);     // Commit received: its end
    void recorded(Lsn end);      // the ledger took everything up to there
    void synced(Lsn end);        // … and it is durable
    void keepalive(Lsn wal_end);  // the server has nothing before that which it has not sent

    // May be told to the server as flushed. Never goes backwards.
    Lsn flushed() const { return flushed_; }
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
