// One go at `pgwraith contract`, from wherever the journal says it stands.
#pragma once

#include "board.h"
#include "owner.h"
#include "state.h"

namespace pgwraith::migration {

// Returns when the old columns are gone, in phase done. Throws catalog::Refused while something depends on them,
// Error(refused) when rows do not agree: nothing was changed then. Cancelling ends it. All must outlive it.
Task<void> contract(asio::any_io_executor executor, Board& board, store::Store& store,
                    const postgres::Sessions& sessions, Identity identity, Owner& owner);

// The contraction under its lock, and rolled back; `board.rehearsed` says how it went. What depends on the old columns
// is no failure: that is what the time between expansion and contraction is for.
Task<void> rehearse_contraction(Board& board, store::Store& store, const postgres::Sessions& sessions,
                                Identity identity);

}  // namespace pgwraith::migration
