// Turns the stream's messages into a batch for the ledger. Pure: no socket, no disk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pgwraith/capture/acknowledge.h"
#include "pgwraith/capture/decoder.h"
#include "pgwraith/store/changed_keys.h"

namespace pgwraith::capture {

struct CaptureTarget {
    Oid table = 0;
    std::string slot;  // also the prefix of our watermark messages
    std::string publication;
    std::vector<std::string> key_columns;  // in key order
};

// The changes that wait to be written.
struct Batch {
    store::ChangedKeys changes;
    Lsn position;          // everything up to here is in `changes` or was before; 0: no transaction ended
    Lsn truncated;         // commit LSN of a TRUNCATE among them
    bool awaited = false;  // holds a watermark: somebody waits, perhaps under the cutover's lock
    bool empty() const { return changes.empty() && !position; }
    void clear();  // keeps the memory
};

class Receiver {
  public:
    // `own_tokens`: the prefix of the tokens of our watermarks. Nothing waits for other watermarks.
    Receiver(CaptureTarget target, std::string own_tokens);

    // A stream begins: nothing is under way, and nothing is known of the relation.
    void begin();
    // Throws Error(stopped) when the stream no longer carries the key, DecodeError when it makes no sense.
    void take(const Message& message, Acknowledgement& acknowledgement);
    void keepalive(Lsn wal_end, Acknowledgement& acknowledgement);

    Batch& pending() { return pending_; }
    // The watermark has come, and everything up to it is recorded. Then it is forgotten.
    bool came_back(const std::string& token, Lsn recorded);
    // A recent 64-bit transaction id, so that the stream's 32-bit ones can be extended.
    void note_xid(Xid xid) { xid_reference_ = std::max(xid_reference_, xid); }
    std::uint64_t changes_received() const { return changes_received_; }

  private:
    void commit_transaction(const Commit& commit, Acknowledgement& acknowledgement);
    void look_for_key(const Relation& relation);
    void add_key(const Tuple& tuple, const Tuple* old, bool stands);

    CaptureTarget target_;
    std::string own_tokens_;
    Batch pending_;
    std::map<std::string, Lsn> watermarks_;   // token -> end of its transaction
    std::vector<std::size_t> key_positions_;  // in the stream's tuples; empty until the Relation message
    Xid xid_reference_ = 0;
    std::uint64_t changes_received_ = 0;

    // of the transaction being received
    Xid xid_ = 0;
    Lsn commit_;
    std::vector<std::string> tokens_;
    bool truncate_seen_ = false;
};

}  // namespace pgwraith::capture
