// The purge: every key that changed since the slot was made leaves the shadow, before any index stands.
#pragma once

#include <cstdint>

#include "pgwraith/postgres/sessions.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/ledger.h"
#include "pgwraith/transfer/context.h"

namespace pgwraith::transfer {

// A row updated during the copy may have been copied twice or not at all; its key is in the ledger. Afterwards the
// shadow holds exactly the rows that have not changed since the slot was made. The keys stay in the ledger.
// REQUIRES: a watermark taken after the last chunk's commit has come back (docs/architecture.md, invariant 5), nothing
// writes the shadow meanwhile. Both return the number of rows removed.
//
// In ranges of blocks, each a transaction of its own that passes the gate; in one, where the role may make no temporary
// table. When it ends early, the same again.
Task<std::uint64_t> purge_by_ranges(Context context);
// In one transaction, which waits for no gate: while changes are applied.
Task<std::uint64_t> purge_at_once(const postgres::Sessions& sessions, const store::Ledger& ledger, shadow::Pair pair);

// Blocks of one range. `fitting`: as many as chunks take. The keys are hashed for each range, so a range is so large
// that reading it costs more than that.
std::uint32_t purge_blocks(std::uint32_t fitting, std::uint64_t keys);

}  // namespace pgwraith::transfer
