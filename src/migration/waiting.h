// How long others have waited for this migration, and which session keeps it waiting.
#pragma once

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "state.h"

namespace pgwraith::migration {

// Others may have waited so long for what `by` did (empty: the swap). The longest counts, of all processes of a
// migration.
Task<void> note_waiting(Board& board, store::Store& store, double ms, std::string by);
// What earlier processes have noted.
Task<void> recall_waiting(Board& board, store::Store& store);

// Who has locked the table, or what hangs on it, so that it cannot even be read; asked on a session of its own. Empty:
// nobody, or it cannot be found out.
Task<std::string> who_is_in_the_way(const postgres::Sessions& sessions, QualifiedName table);

// What the operator has said of the swap: from the journal, and into it if it is not what `noted` says.
Task<void> recall_wish(Board& board, store::Store& store, CutoverWish& noted);
Task<void> note_wish(Board& board, store::Store& store, CutoverWish& noted);

}  // namespace pgwraith::migration
