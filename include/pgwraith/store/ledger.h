// The ledger: which keys of the live table have changed and are not yet applied to the shadow.
//
// One RocksDB column family: key -> (xid, commit LSN) of the last transaction in commit order that changed it, and
// whether its last change left a row. Because a key's writers wait for each other, when that transaction is visible so
// are all before it.
//
// Thread contract: the io_context's thread; the store's pool does the work, to its end even when the caller is
// cancelled. What a span or a reference refers to must stay until the call was awaited.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pgwraith/base/async.h"
#include "pgwraith/base/lsn.h"
#include "pgwraith/store/changed_keys.h"

namespace pgwraith::store {

struct LedgerEntry {
    std::string key;  // encode_key()
    Xid xid = 0;      // 0: visible to every snapshot (repairs)
    Lsn commit;       // commit LSN of that transaction; 0 for repairs
    // The last change of the key inserted or updated a row. One that is gone by now has another record, or will have.
    bool stands = false;
};

class BlockingLedger;

class Ledger {
  public:
    // Records changed keys; a later entry of the same key replaces the earlier, except that a repair (xid 0) only
    // takes `stands` from a change: the row is read again for that one anyway, and not before its transaction is
    // visible. When `position` is given it is stored in the same atomic write: everything of the stream up to there is
    // in the ledger. In the operating system's hands on return, durable after sync().
    Task<void> add(std::span<const LedgerEntry> entries, std::optional<Lsn> position);
    // The same for what the stream brings.
    Task<void> add_changes(const ChangedKeys& changes, std::optional<Lsn> position);

    // fsync. What add() had returned for before the call is durable afterwards.
    Task<void> sync();

    // Position of the stream as last recorded; nullopt in a new ledger.
    Task<std::optional<Lsn>> position() const;

    // Up to `max` entries with key > `after` ("" from the start), in key order.
    Task<std::vector<LedgerEntry>> read(std::string after, std::size_t max) const;

    // Removes those entries whose key has not been recorded again since they were read (same xid, commit and `stands`).
    // Returns how many were removed.
    Task<std::size_t> remove_unchanged(std::span<const LedgerEntry> entries);

    // For each key whether it is in the ledger now.
    Task<std::vector<bool>> contains(std::span<const std::string> keys) const;

    // Exact while it is small (tens of thousands), above that RocksDB's estimate, which is too high where keys
    // were recorded again and again: for a progress display and for "few are left", nothing else.
    Task<std::uint64_t> pending_estimate() const;
    // What it takes on disk, and in memory what is not there yet.
    Task<std::uint64_t> bytes() const;

  private:
    friend class Store;
    Ledger(BlockingLedger& ledger, Pool& pool) : ledger_(ledger), pool_(pool) {}
    BlockingLedger& ledger_;
    Pool& pool_;
};

}  // namespace pgwraith::store
