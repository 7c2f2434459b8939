#include "pgwraith/store/ledger.h"

#include "blocking_ledger.h"

namespace pgwraith::store {

Task<void> Ledger::add(std::span<const LedgerEntry> entries, std::optional<Lsn> position) {
    return pool_.run([this, entries, position] { ledger_.add(entries, position); });
}

Task<void> Ledger::add_changes(const ChangedKeys& changes, std::optional<Lsn> position) {
    return pool_.run([this, &changes, position] { ledger_.add_changes(changes, position); });
}

Task<void> Ledger::sync() {
    return pool_.run([this] { ledger_.sync(); });
}

Task<std::optional<Lsn>> Ledger::position() const {
    return pool_.run([this] { return ledger_.position(); });
}

Task<std::vector<LedgerEntry>> Ledger::read(std::string after, std::size_t max) const {
    return pool_.run([this, after = std::move(after), max] { return ledger_.read(after, max); });
}

Task<std::size_t> Ledger::remove_unchanged(std::span<const LedgerEntry> entries) {
    return pool_.run([this, entries] { return ledger_.remove_unchanged(entries); });
}

Task<std::vector<bool>> Ledger::contains(std::span<const std::string> keys) const {
    return pool_.run([this, keys] { return ledger_.contains(keys); });
}

Task<std::uint64_t> Ledger::pending_estimate() const {
    return pool_.run([this] { return ledger_.pending_estimate(); });
}

Task<std::uint64_t> Ledger::bytes() const {
    return pool_.run([this] { return ledger_.bytes(); });
}

}  // namespace pgwraith::store
