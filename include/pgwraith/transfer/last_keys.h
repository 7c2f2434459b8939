// The rest of the ledger, applied and compared in the transaction of the swap, while others wait.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pgwraith/transfer/verifier.h"

namespace pgwraith::transfer {

// They are all in memory at once, and more do not fit into the default max_blocked: about 100,000 are applied in a
// second.
inline constexpr std::size_t most_last_keys = 100'000;

// What can be done before anybody waits is done before: the statements are read and planned. Under the lock they are
// one message. Thread contract: the io_context's thread.
class LastKeys {
  public:
    // `updated`: rows that stand are updated, else all are replaced. REQUIRES then: mapping.updatable, and no unique
    // value but the key's can move between rows: nothing can be tried twice under the lock.
    // `compared`: afterwards the rows must be equal.
    LastKeys(shadow::Pair pair, bool updated, bool compared)
        : pair_(std::move(pair)), updated_(updated), compared_(compared) {}

    // Once for a session, and after whatever makes the server forget its plans. Takes the locks of a reader of the live
    // table and of a writer of the shadow.
    Task<void> prepare(postgres::Connection& session);
    // Every change is visible to the session. Applies all of `entries`, then compares them and `others`; returns what
    // differs. REQUIRES: `entries` are in the order of the keys, as the ledger has them.
    Task<std::vector<Difference>> apply(postgres::Connection& session, std::vector<store::LedgerEntry> entries,
                                        std::set<std::string> others);

  private:
    shadow::Pair pair_;
    bool updated_;
    bool compared_;
};

}  // namespace pgwraith::transfer
