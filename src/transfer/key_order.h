// Whether rows stand in the order of their key, as far as some of them tell. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "pgwraith/base/lsn.h"

namespace pgwraith::transfer {

// A row of the sample: the block that it stands in, its place among them all in the order of the key.
struct SampledRow {
    std::uint32_t block = 0;
    std::uint64_t rank = 0;
};

// How many of the blocks, of which one row each counts, are in the order of the key or in the opposite one: the share
// of them that would be left if those that are out of order were taken away. 0 for fewer than `fewest_sampled` blocks.
// REQUIRES: the rows in the order of their blocks.
constexpr std::size_t fewest_sampled = 16;
double share_in_order(const std::vector<SampledRow>& rows);

// The share of rows that one of these transactions wrote; the server shows the lower half of an id. 0 for none.
double share_written_by(const std::vector<std::uint32_t>& writers, const std::vector<Xid>& transactions);

}  // namespace pgwraith::transfer
