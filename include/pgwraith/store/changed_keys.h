// Changed keys on their way from the stream into the ledger.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pgwraith/base/lsn.h"

namespace pgwraith::store {

// Many records in one piece of memory: millions pass through, and none of them may cost an allocation.
class ChangedKeys {
  public:
    struct Entry {
        std::string_view key;    // as encode_key() makes it
        std::string_view value;  // as the ledger stores it
    };

    // The columns of one key, in key order; `stands`: as in LedgerEntry. REQUIRES: xid is not 0 (that is for repairs),
    // at least one column.
    void add(std::span<const std::string_view> columns, Xid xid, Lsn commit, bool stands);

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return bytes_.size(); }
    bool empty() const { return size_ == 0; }
    void clear();  // keeps the memory

    // Calls visit(Entry) for each, in the order in which they were added.
    template <typename Visit>
    void each(Visit visit) const;

    // Each key once, as it was added last, in the order of the keys. Views into this.
    std::vector<Entry> newest() const;

  private:
    static constexpr std::size_t value_bytes = 16;

    static Entry entry_at(const char* record);

    std::string bytes_;  // of each record: the key's length (in this machine's order), key, value
    std::size_t size_ = 0;
};

inline ChangedKeys::Entry ChangedKeys::entry_at(const char* record) {
    std::uint32_t length = 0;
    std::memcpy(&length, record, sizeof length);
    record += sizeof length;
    return {{record, length}, {record + length, value_bytes}};
}

template <typename Visit>
void ChangedKeys::each(Visit visit) const {
    const char* at = bytes_.data();
    const char* const end = at + bytes_.size();
    while (at != end) {
        const Entry entry = entry_at(at);
        visit(entry);
        at = entry.value.data() + entry.value.size();
    }
}

}  // namespace pgwraith::store
