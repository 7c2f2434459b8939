// Changed keys on their way from the stream into the ledger.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "pgwraith/base/lsn.h"

namespace pgwraith::store {

// Many records in one piece of memory: millions pass through, and none of them may cost an allocation.
class ChangedKeys {
  public:
    struct Entry {
        std::string_view key;    // as encode_key() makes it
        std::string_view value;  // as the ledger stores it
    };

    // The columns of one key, in key order. REQUIRES: xid is not 0 (that is for repairs), at least one column.
    void add(std::span<const std::string_view> columns, Xid xid, Lsn commit);

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return bytes_.size(); }
    bool empty() const { return size_ == 0; }
    void clear();  // keeps the memory

    // Calls visit(Entry) for each, in the order in which they were added.
    template <typename Visit>
    void each(Visit visit) const;

  private:
    static constexpr std::size_t value_bytes = 16;

    std::string bytes_;  // of each record: the key's length (in this machine's order), key, value
    std::size_t size_ = 0;
};

template <typename Visit>
void ChangedKeys::each(Visit visit) const {
    const char* at = bytes_.data();
    const char* const end = at + bytes_.size();
    while (at != end) {
        std::uint32_t length = 0;
        std::memcpy(&length, at, sizeof length);
        at += sizeof length;
        Entry entry{{at, length}, {at + length, value_bytes}};
        visit(entry);
        at += length + value_bytes;
    }
}

}  // namespace pgwraith::store
