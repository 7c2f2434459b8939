// The value of a ledger's record (docs/formats.md).
#pragma once

#include <string_view>

#include "bytes.h"
#include "database.h"
#include "pgwraith/base/lsn.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::store {

struct LedgerValue {
    Xid xid = 0;
    Lsn commit;
    bool stands = false;

    bool operator==(const LedgerValue&) const = default;
};

inline constexpr std::size_t ledger_value_bytes = 16;
// No transaction's id comes near this bit. Earlier versions left it 0, and so does what nothing is known of.
inline constexpr Xid stands_bit = Xid{1} << 63;

// REQUIRES: room for ledger_value_bytes.
inline void put_value(char* to, const LedgerValue& value) {
    put_u64(put_u64(to, value.xid | (value.stands ? stands_bit : 0)), value.commit.value);
}

inline LedgerValue value_of(std::string_view bytes) {
    if (bytes.size() != ledger_value_bytes) throw_damaged("a ledger record has the wrong length");
    const Xid first = read_u64(bytes.data());
    return {first & ~stands_bit, Lsn{read_u64(bytes.data() + 8)}, (first & stands_bit) != 0};
}

inline LedgerValue value_of(const LedgerEntry& entry) { return {entry.xid, entry.commit, entry.stands}; }

inline LedgerEntry entry_of(std::string key, const LedgerValue& value) {
    return {std::move(key), value.xid, value.commit, value.stands};
}

}  // namespace pgwraith::store
