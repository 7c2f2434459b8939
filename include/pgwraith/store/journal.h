// The journal: what this migration has done, for a later process. Every write is synced before it returns.
//
// Thread contract: as the ledger's.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "pgwraith/base/async.h"
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

class BlockingJournal;

class Journal {
  public:
    // A document is a struct of the module that owns it, with a name of its own. The templates are in document.h, which
    // is to be included where these are called.
    template <typename Document>
    Task<std::optional<Document>> get() const;
    template <typename Document>
    Task<void> put(Document document);
    template <typename Document>
    Task<void> erase();

    // REQUIRES: called before COMMIT is sent for that transaction (docs/architecture.md, invariant 4).
    Task<void> chunk_intent(ChunkRecord chunk);
    // Not synced: if it is lost, the intent and pg_xact_status() tell the same.
    Task<void> chunk_done(ChunkRecord chunk);
    // The transaction is known to have rolled back.
    Task<void> chunk_forget(std::uint32_t begin);
    Task<std::vector<ChunkRecord>> chunks() const;  // by begin
    Task<void> clear_chunks();                      // the copy starts over

  private:
    friend class Store;
    Journal(BlockingJournal& journal, Pool& pool) : journal_(journal), pool_(pool) {}
    Task<std::optional<nlohmann::json>> get_named(const char* name) const;
    Task<void> put_named(const char* name, nlohmann::json document);
    Task<void> erase_named(const char* name);

    BlockingJournal& journal_;
    Pool& pool_;
};

}  // namespace pgwraith::store
