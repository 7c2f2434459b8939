// What the applier decides about batches of changed keys. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// Several workers pay only from a few batches on.
int workers_for(std::uint64_t backlog, const config::Apply& settings);

// Takes the entries out of the batch whose transactions the snapshot does not see: their rows must not be read yet, and
// they stay in the ledger. Returns how many they are.
std::uint64_t take_out_invisible(std::vector<store::LedgerEntry>& batch, const Snapshot& snapshot);

// Not the data's fault: two workers met on equal keys with different text, or on unique values that moved.
bool is_conflict(const postgres::PgError& error);

}  // namespace pgwraith::transfer
