// Which blocks of the live table are compared with which blocks of the shadow. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "pgwraith/transfer/chunks.h"

namespace pgwraith::transfer {

// Blocks of both tables that one statement compares. The partner of a row is most likely in the same window: how
// likely decides what a verification costs, not what it proves.
struct Window {
    std::vector<BlockRange> live;  // none: nothing is left of the live table
    BlockRange shadow;             // empty: nothing is left of the shadow
    // Blocks beside these, in which a partner may stand that just misses its window. They are compared in their own.
    std::vector<BlockRange> live_near, shadow_near;
};

// A row of the shadow that has its partner in the live table.
struct Partner {
    std::uint32_t shadow_block = 0;
    std::uint32_t live_block = 0;
    std::uint32_t xmin = 0;  // the transaction that wrote the shadow's row
};

// Hands out each block of both tables once. Rows that a chunk of the copy wrote stand in the shadow in the order that
// they have in the live table, but several chunks were written side by side. So where the shadow is cut, each of those
// is cut where its next row comes from.
class Windows {
  public:
    // `chunks`: of the copy. `live`, `shadow`: what is still to be compared, by block.
    Windows(std::vector<store::ChunkRecord> chunks, std::vector<BlockRange> live, BlockRange shadow);

    bool finished() const { return live_.empty() && shadow_.begin == shadow_.end; }
    const std::vector<BlockRange>& live() const { return live_; }
    const BlockRange& shadow() const { return shadow_; }
    // Blocks of the live table for each of the shadow, rounded up: the room that the rewriting has won.
    std::uint32_t live_per_shadow() const { return live_per_shadow_; }
    // Of the table of which more is left.
    std::uint32_t remaining() const;

    // Blocks of the shadow that tell where a window of `blocks` blocks would end in the live table; none at the end.
    BlockRange behind(std::uint32_t blocks) const;
    // REQUIRES: not finished, blocks >= 1. `partners`: of rows in those blocks, by block of the shadow; the more of
    // them the better the cut.
    Window take(std::uint32_t blocks, const std::vector<Partner>& partners);

  private:
    bool take_by_chunk(Window& window, const std::vector<Partner>& partners, std::uint32_t most);
    void take_share(Window& window, std::uint32_t most);
    void add_near(Window& window) const;
    void cut_out(Window& window, BlockRange range, std::uint32_t most);
    std::uint64_t live_left() const;

    std::vector<store::ChunkRecord> chunks_;  // by begin
    std::vector<BlockRange> live_;            // by begin
    BlockRange shadow_;
    std::uint32_t live_per_shadow_ = 1;
};

}  // namespace pgwraith::transfer
