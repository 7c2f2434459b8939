#include "batches.h"

#include "pgwraith/base/faults.h"

namespace pgwraith::transfer {

namespace {

constexpr std::uint64_t parallel_from = 3;  // batches

}  // namespace

int workers_for(std::uint64_t backlog, const config::Apply& settings) {
    const auto batches = backlog / static_cast<std::uint64_t>(settings.batch);
    return batches < parallel_from ? 1 : settings.workers;
}

std::uint64_t take_out_invisible(std::vector<store::LedgerEntry>& batch, const Snapshot& snapshot) {
    if (broken_on_purpose("visibility")) return 0;
    return std::erase_if(batch, [&](const store::LedgerEntry& entry) { return !snapshot.sees(entry.xid); });
}

bool is_conflict(const postgres::PgError& error) {
    return error.is(postgres::sqlstate::unique_violation) || error.is(postgres::sqlstate::exclusion_violation) ||
           error.is(postgres::sqlstate::serialization_failure) || error.is(postgres::sqlstate::deadlock_detected);
}

}  // namespace pgwraith::transfer
