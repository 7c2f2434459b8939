// Batches of changed keys on their way through one session: a few are with the server at a time, so that it has the
// next one at hand when it has committed one.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/postgres/pipeline.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// How the rows of changed keys come to be what the live table's are.
enum class Way {
    update,   // shadow::update_keys_sql()
    replace,  // they go and come again: shadow::insert_keys_sql()
};

struct SentBatch {
    std::vector<store::LedgerEntry> batch;
    Way way = Way::replace;
};

// Each batch is a transaction of its own, with a snapshot of its own.
// Thread contract: the io_context's thread. While it is not empty the session is busy with it.
class SentBatches {
  public:
    using Batch = std::vector<store::LedgerEntry>;

    // Both must outlive it.
    SentBatches(postgres::Connection& connection, const shadow::Pair& pair);

    bool empty() const { return sent_.empty(); }
    bool has_room() const;
    // REQUIRES: has_room(), `batch` is not empty.
    Task<void> send(Batch batch, Way way);

    struct Committed {
        Batch batch;
        Snapshot snapshot;  // of its transaction
    };
    // Of the oldest one. REQUIRES: not empty.
    // When it throws a PgError the oldest one was rolled back, what became of the others is not known, and the session,
    // if it lives, is free again: call take_back().
    Task<Committed> answer();
    // All that were sent, the oldest first; then it is empty.
    std::deque<SentBatch> take_back();

  private:
    void add_update(const Batch& batch);
    void add_replacement(const Batch& batch);

    postgres::Connection& connection_;
    const shadow::Pair& pair_;
    std::string delete_gone_sql_, update_sql_;    // Way::update
    std::string delete_sql_, insert_sql_;         // Way::replace
    std::optional<postgres::Pipeline> pipeline_;  // while it is not empty
    std::deque<SentBatch> sent_;
};

}  // namespace pgwraith::transfer
