// The parts of the process that one attempt at a migration works with.
#pragma once

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "state.h"

namespace pgwraith::migration {

// Passed by value. All that it refers to belongs to the process, except the identity: that belongs to the claim, which
// outlives the attempt.
struct AttemptContext {
    asio::any_io_executor executor;
    Board& board;
    store::Store& store;
    const postgres::Sessions& sessions;
    const Identity& identity;
};

}  // namespace pgwraith::migration
