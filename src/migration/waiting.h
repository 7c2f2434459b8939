// How long others have waited for this migration, and which session keeps it waiting.
#pragma once

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/signals.h"
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

// How often the progress is brought up to date.
inline constexpr milliseconds report_interval{250};

// What the operator has said of the swap, into the journal, now.
Task<void> put_wish(store::Store& store, CutoverWish wish);
// What the operator has said of the swap: from the journal, and into it if it is not what `noted` says.
Task<void> recall_wish(Board& board, store::Store& store, CutoverWish& noted);
Task<void> note_wish(Board& board, store::Store& store, CutoverWish& noted);

// Until cancelled: what the throttle does, into the progress; what the operator says, into the journal. All must
// outlive it.
Task<void> report_throttle(Board& board, store::Store& store, const throttle::Signals& signals, CutoverWish& noted);

}  // namespace pgwraith::migration
