// How a migration ends: cleared up after the swap, or dropped.
#pragma once

#include <memory>

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "state.h"

namespace pgwraith::migration {

// After the swap: what the migration made besides the new table goes, the old table as configured, then the store.
// `session`: one for rows, if there is one already.
// Throws Error(stopped) when something is left, and says that the swap stands; the next time does the rest.
Task<void> finish(const postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                  Identity identity, std::unique_ptr<postgres::Connection> session);

// The journal knows of a swap's transaction, and the server says that it committed.
Task<bool> swap_happened(const postgres::Sessions& sessions, store::Store& store);

// Of a migration with a shadow, before an abort drops anything: if the process dies in its midst, only an abort goes
// on. A disk that does not take it is no obstacle.
Task<void> note_abort(store::Store& store);

// Everything that was made on the server, then the store. Returns what stays all the same.
Task<std::vector<std::string>> drop_everything(postgres::Sessions& sessions, std::unique_ptr<store::Store>& store,
                                               milliseconds lock_timeout);

}  // namespace pgwraith::migration
