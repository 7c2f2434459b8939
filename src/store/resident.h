// The ledger's keys in memory, while they are few.
//
// Why: catching up removes keys as fast as the stream adds them, and RocksDB keeps what was removed as tombstones
// until it compacts. A scan from the start then wades through all of them only to find little or nothing, at the
// worst of times: under the cutover's lock. It also knows how many keys there are only roughly.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pgwraith/store/ledger.h"

namespace pgwraith::store {

// Either complete (holds exactly the pending keys) or dropped (empty, and not to be asked).
// Thread contract: the caller locks.
class Resident {
  public:
    static constexpr std::size_t max_keys = 100'000;  // no fewer than the cutover may apply under its lock
    static constexpr std::size_t max_bytes = 24u << 20;

    bool complete() const { return complete_; }
    std::size_t size() const { return entries_.size(); }

    void begin();  // complete and empty
    void drop();
    // Drops everything when it becomes too much. No effect when not complete.
    void put(const LedgerEntry& entry);
    void erase(const std::string& key);

    // REQUIRES: complete().
    const LedgerEntry* find(std::string_view key) const;
    // Up to `max` entries with key > `after`. REQUIRES: complete().
    std::vector<LedgerEntry> read(std::string_view after, std::size_t max) const;

  private:
    static std::size_t cost(std::string_view key) { return 2 * key.size() + 160; }  // twice the key, map node

    std::map<std::string, LedgerEntry, std::less<>> entries_;
    std::size_t bytes_ = 0;
    bool complete_ = false;
};

}  // namespace pgwraith::store
