// What the applier decides about batches of changed keys. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// A batch was read. `waiting`: batches before it that nobody has taken, because each of the `workers` has as many with
// the server as it can; `most`: workers that are allowed.
bool one_more_worker(int workers, std::size_t waiting, int most);

// Takes the entries out of the batch whose transactions the snapshot does not see: their rows must not be read yet, and
// they stay in the ledger. Returns how many they are.
std::uint64_t take_out_invisible(std::vector<store::LedgerEntry>& batch, const Snapshot& snapshot);

// The keys whose rows may be gone from the live table. The others' last change left a row: if that is gone all the
// same, a later change took it, which is not in the ledger yet or is why the entry will stay there.
std::vector<std::string> keys_maybe_gone(const std::vector<store::LedgerEntry>& batch);

// Not the data's fault: two workers met on equal keys with different text, or on unique values that moved.
bool is_conflict(const postgres::PgError& error);

}  // namespace pgwraith::transfer
