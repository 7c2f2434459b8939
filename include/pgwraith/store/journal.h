// The journal: what this migration has done, so that a successor knows. Every write is synced before it returns.
//
// Thread contract: as the ledger's: blocking, callable from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"

namespace pgwraith::store {

// A range of heap blocks [begin, end) of the live table, copied in one transaction.
struct ChunkRecord {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    Xid xid = 0;        // the copying transaction; recorded before its COMMIT is sent
    bool done = false;  // COMMIT was confirmed, or pg_xact_status() said so
    std::uint64_t rows = 0;
};

class Journal {
  public:
    // Named documents: "identity", "phase", "blueprint", "cutover", … (docs/formats.md lists them).
    void put(const std::string& name, const nlohmann::json& document);
    std::optional<nlohmann::json> get(const std::string& name) const;
    void erase(const std::string& name);

    // REQUIRES: called before COMMIT is sent for that transaction (docs/architecture.md, invariant 4).
    void chunk_intent(const ChunkRecord& chunk);
    // Not synced: if it is lost, the intent and pg_xact_status() tell the same.
    void chunk_done(const ChunkRecord& chunk);
    // The transaction is known to have rolled back.
    void chunk_forget(std::uint32_t begin);
    std::vector<ChunkRecord> chunks() const;  // by begin
    void clear_chunks();                      // the copy starts over

  private:
    friend class Store;
    struct Impl;
    explicit Journal(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace pgwraith::store
