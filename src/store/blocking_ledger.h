// The ledger's records in the database. What the functions promise is said in pgwraith/store/ledger.h.
//
// Thread contract: every function may block on the disk; they may be called from several threads at once.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pgwraith/store/ledger.h"
#include "resident.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace pgwraith::store {

struct Database;

class BlockingLedger {
  public:
    // `database` must outlive it.
    explicit BlockingLedger(Database& database);

    void add(std::span<const LedgerEntry> entries, std::optional<Lsn> position);
    void add_changes(const ChangedKeys& changes, std::optional<Lsn> position);
    void sync();
    std::optional<Lsn> position() const;
    std::vector<LedgerEntry> read(const std::string& after, std::size_t max) const;
    std::size_t remove_unchanged(std::span<const LedgerEntry> entries);
    std::vector<bool> contains(std::span<const std::string> keys) const;
    std::uint64_t pending_estimate() const;
    std::uint64_t bytes() const;

    void reread();  // the database was opened again

  private:
    // REQUIRES of these three: the mutex is held (or nobody else knows the ledger yet).
    void adopt_if_small() const;
    std::optional<LedgerEntry> pending(const std::string& key) const;  // nullopt: the key is not in the ledger
    LedgerEntry joined(const LedgerEntry& entry) const;                // with what is recorded of its key already
    void write(rocksdb::WriteBatch& batch);

    void put_position(rocksdb::WriteBatch& batch, std::optional<Lsn> position) const;
    std::size_t remove_slice(std::span<const LedgerEntry> entries);

    Database& database_;
    // Held across a write and its counterpart in `resident_`, and from reading to removing in remove_unchanged().
    mutable std::mutex mutex_;
    mutable Resident resident_;
};

}  // namespace pgwraith::store
