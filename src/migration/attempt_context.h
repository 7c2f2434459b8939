// What one attempt at a migration works with.
#pragma once

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "state.h"

namespace pgwraith::migration {

// Passed by value. What it refers to belongs to the process, but for the identity: that is the attempt's claim, which
// outlives the attempt.
struct AttemptContext {
    asio::any_io_executor executor;
    Board& board;
    store::Store& store;
    const postgres::Sessions& sessions;
    const Identity& identity;
};

}  // namespace pgwraith::migration
