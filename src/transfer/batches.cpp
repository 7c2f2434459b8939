#include "batches.h"

#include "pgwraith/base/faults.h"

namespace pgwraith::transfer {

bool one_more_worker(int workers, std::size_t waiting, int most) {
    return workers == 0 || (waiting > 0 && workers < most);
}

std::uint64_t take_out_invisible(std::vector<store::LedgerEntry>& batch, const Snapshot& snapshot) {
    if (broken_on_purpose("visibility")) return 0;
    return std::erase_if(batch, [&](const store::LedgerEntry& entry) { return !snapshot.sees(entry.xid); });
}

std::vector<std::string> keys_maybe_gone(const std::vector<store::LedgerEntry>& batch) {
    std::vector<std::string> keys;
    if (broken_on_purpose("gone_unasked")) return keys;
    for (const auto& entry : batch) {
        if (!entry.stands) keys.push_back(entry.key);
    }
    return keys;
}

bool is_conflict(const postgres::PgError& error) {
    return error.is(postgres::sqlstate::unique_violation) || error.is(postgres::sqlstate::exclusion_violation) ||
           error.is(postgres::sqlstate::serialization_failure) || error.is(postgres::sqlstate::deadlock_detected);
}

}  // namespace pgwraith::transfer
