// Positions in the WAL, transaction ids and snapshots, as PostgreSQL defines them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgwraith {

using Oid = std::uint32_t;

// A log sequence number; the zero value is PostgreSQL's InvalidXLogRecPtr.
struct Lsn {
    std::uint64_t value = 0;

    auto operator<=>(const Lsn&) const = default;
    explicit operator bool() const { return value != 0; }

    std::string text() const;                                // "16/B374D848"
    static std::optional<Lsn> parse(std::string_view text);  // nullopt unless exactly two hex halves
};

// A transaction id that never wraps: epoch in the upper half (PostgreSQL's xid8).
// Zero means "no transaction": visible to everyone.
using Xid = std::uint64_t;

// The 64-bit id nearest to `reference` whose lower half is `xid`. Right as long as the two are less than
// 2^31 transactions apart, which PostgreSQL itself guarantees for anything that is not frozen.
Xid extend_xid(std::uint32_t xid, Xid reference);

// What pg_current_snapshot() returns: `xmin:xmax:xip,xip`.
struct Snapshot {
    Xid xmin = 0;                  // everything below has ended
    Xid xmax = 0;                  // nothing at or above had ended
    std::vector<Xid> in_progress;  // sorted; xmin <= id < xmax

    // True when the effects of `xid`, if it committed, are visible under this snapshot.
    bool sees(Xid xid) const;

    static std::optional<Snapshot> parse(std::string_view text);
};

}  // namespace pgwraith
