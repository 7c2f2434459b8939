// The purge: every key that changed since the slot was made leaves the shadow, before any index stands.
#pragma once

#include <cstdint>

#include "pgwraith/postgres/sessions.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// A row updated during the copy may have been copied twice or not at all; its key is in the ledger. Afterwards the
// shadow holds exactly the rows that have not changed since the slot was made. The keys stay in the ledger.
// REQUIRES: a watermark taken after the last chunk's commit has come back (docs/architecture.md, invariant 5), nothing
// was applied. Returns the number of rows removed.
Task<std::uint64_t> purge(const postgres::Sessions& sessions, const store::Ledger& ledger, shadow::Pair pair);

}  // namespace pgwraith::transfer
