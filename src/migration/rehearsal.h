// A rehearsal's outcome and its way back (docs/rehearse.md).
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "state.h"

namespace pgwraith::migration {

// Why the rehearsal failed, if this is its outcome: what `run` would stop at with its state kept. nullopt: it may go
// away by itself, was asked for, is a bug, or was found before anything was made.
std::optional<std::string> failed_because(const std::exception_ptr& failure, const Progress& progress);

// The times of each phase, one for each name, in the order in which they began.
std::vector<std::pair<std::string, std::int64_t>> times_of_phases(const Progress& progress);

// What was found out is recorded; from here on there is only the way back. `failed`: empty if all went well.
Task<void> turn_back(Board& board, store::Store& store, std::string failed);

// Everything that was made goes, the store last; `board.progress.rehearsed` is what there is to tell. REQUIRES: an
// owner, and turn_back() by this process or an earlier one. Throws PgError, Error(stopped): the same again goes on.
Task<void> go_back(postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store, Identity identity);

// A rehearsal and a migration do not carry each other on: throws Error(refused).
void require_same_purpose(const Board& board, const Identity& identity, Phase phase);

// Nothing of it is left.
Error rehearsal_failed(const QualifiedName& table, const std::string& why);
Error rehearsal_stopped(Phase phase, bool slot);

}  // namespace pgwraith::migration
