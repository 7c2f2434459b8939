// Which blocks the next chunk covers, and how many. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pgwraith/base/units.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/store/journal.h"

namespace pgwraith::transfer {

// Blocks per chunk, so that a chunk takes about `target`. Doubles at most per chunk and shrinks at once.
class ChunkSizer {
  public:
    // `max_blocks` is the limit by bytes (>= 1: a single block, however wide its rows, always passes).
    ChunkSizer(milliseconds target, std::uint32_t max_blocks);

    std::uint32_t blocks() const { return blocks_; }
    void took(std::uint32_t blocks, milliseconds elapsed);
    void set_target(milliseconds target) { target_ = target; }
    void set_max_blocks(std::uint32_t max_blocks);

  private:
    milliseconds target_;
    std::uint32_t max_blocks_;
    std::uint32_t blocks_;
};

// Heap blocks per chunk for a limit in bytes, when each heap byte brings `toast_bytes / heap_bytes` of TOAST along.
std::uint32_t blocks_for_bytes(std::uint64_t limit, std::uint64_t heap_bytes, std::uint64_t toast_bytes);

// So many blocks at most for one of several workers, who are to share the end of the table evenly, and `least` in any
// case.
std::uint32_t fair_share(std::uint64_t remaining, int workers, std::uint32_t least);

// The pause after a chunk, `throttle.idle_ratio` of the time that it took. A chunk that was held up (a lock, the
// network) says nothing about its load: it counts as twice the target at most.
milliseconds idle_time(milliseconds elapsed, const config::Settings& settings);

// Counts a worker for as long as it works.
class Busy {
  public:
    explicit Busy(int& workers) : workers_(workers) { ++workers_; }
    ~Busy() { --workers_; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

  private:
    int& workers_;
};

struct BlockRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// The blocks [0, total) that are still to be copied: what no recorded chunk covers, lowest first.
class BlockQueue {
  public:
    // REQUIRES: the chunks do not overlap. Chunks beyond `total` are ignored.
    BlockQueue(std::uint32_t total, const std::vector<store::ChunkRecord>& done);

    // The next range, at most `limit` blocks; nullopt when all has been handed out.
    std::optional<BlockRange> take(std::uint32_t limit);
    // A range that could not be copied: it will be handed out again.
    void give_back(BlockRange range);

    std::uint64_t remaining() const;

  private:
    std::vector<BlockRange> gaps_;  // by begin, descending: the next is at the back
};

}  // namespace pgwraith::transfer
