#include "resident.h"

namespace pgwraith::store {

void Resident::begin() {
    drop();
    complete_ = true;
}

void Resident::drop() {
    entries_.clear();
    bytes_ = 0;
    complete_ = false;
}

void Resident::put(const LedgerEntry& entry) {
    if (!complete_) return;
    const auto [at, added] = entries_.insert_or_assign(entry.key, entry);
    if (!added) return;
    bytes_ += cost(entry.key);
    if (entries_.size() > max_keys || bytes_ > max_bytes) drop();
}

void Resident::erase(const std::string& key) {
    if (entries_.erase(key) != 0) bytes_ -= cost(key);
}

const LedgerEntry* Resident::find(std::string_view key) const {
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &at->second;
}

std::vector<LedgerEntry> Resident::read(std::string_view after, std::size_t max) const {
    std::vector<LedgerEntry> found;
    found.reserve(std::min(max, entries_.size()));
    for (auto at = after.empty() ? entries_.begin() : entries_.upper_bound(after);
         at != entries_.end() && found.size() < max; ++at) {
        found.push_back(at->second);
    }
    return found;
}

}  // namespace pgwraith::store
