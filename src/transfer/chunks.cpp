#include "pgwraith/transfer/chunks.h"

#include <algorithm>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {

namespace {

// 2 MiB: a moment, and not so little that what each chunk costs beside its rows counts.
constexpr std::uint32_t first_chunk_blocks = 256;
constexpr std::uint64_t block_size = 8192;  // BLCKSZ; other builds exist, for a limit this is near enough

}  // namespace

ChunkSizer::ChunkSizer(milliseconds target, std::uint32_t max_blocks)
    : target_(target), max_blocks_(std::max(1U, max_blocks)), blocks_(std::min(first_chunk_blocks, max_blocks_)) {}

void ChunkSizer::set_max_blocks(std::uint32_t max_blocks) {
    max_blocks_ = std::max(1U, max_blocks);
    blocks_ = std::min(blocks_, max_blocks_);
}

void ChunkSizer::took(std::uint32_t blocks, milliseconds elapsed) {
    // A short last range says nothing about full ones.
    if (blocks < blocks_ && elapsed <= target_) return;
    auto per_block = static_cast<double>(std::max<std::int64_t>(1, elapsed.count())) / std::max(1U, blocks);
    auto fitting = static_cast<double>(target_.count()) / per_block;
    auto most = static_cast<double>(blocks_) * 2;
    auto next = std::clamp(std::min(fitting, most), 1.0, static_cast<double>(max_blocks_));
    blocks_ = static_cast<std::uint32_t>(next);
}

std::uint32_t blocks_for_bytes(std::uint64_t limit, std::uint64_t heap_bytes, std::uint64_t toast_bytes) {
    auto toast_share = heap_bytes == 0 ? 0.0 : static_cast<double>(toast_bytes) / static_cast<double>(heap_bytes);
    auto blocks = static_cast<double>(limit) / (static_cast<double>(block_size) * (1.0 + toast_share));
    return static_cast<std::uint32_t>(std::clamp(blocks, 1.0, 4'000'000.0));
}

std::uint32_t fair_share(std::uint64_t remaining, int workers, std::uint32_t least) {
    const auto share = remaining / static_cast<std::uint64_t>(std::max(1, workers)) + 1;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(share, least, UINT32_MAX));
}

milliseconds idle_time(milliseconds elapsed, const config::Settings& settings) {
    auto counted = std::min(elapsed, 2 * settings.copy.chunk_target);
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(counted.count()) * settings.throttle.idle_ratio));
}

BlockQueue::BlockQueue(std::uint32_t total, const std::vector<store::ChunkRecord>& done) {
    auto sorted = done;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    std::uint32_t covered = 0;
    for (const auto& chunk : sorted) {
        if (chunk.begin >= total) break;
        ensure(chunk.begin >= covered && chunk.end > chunk.begin, "chunks do not overlap");
        if (chunk.begin > covered) gaps_.push_back({covered, chunk.begin});
        covered = chunk.end;
    }
    if (covered < total) gaps_.push_back({covered, total});
    std::reverse(gaps_.begin(), gaps_.end());
}

std::optional<BlockRange> BlockQueue::take(std::uint32_t limit) {
    if (gaps_.empty()) return std::nullopt;
    auto& gap = gaps_.back();
    BlockRange range{gap.begin, std::min(gap.end, gap.begin + std::max(1U, limit))};
    gap.begin = range.end;
    if (gap.begin == gap.end) gaps_.pop_back();
    return range;
}

void BlockQueue::give_back(BlockRange range) {
    auto place =
        std::find_if(gaps_.begin(), gaps_.end(), [&](const BlockRange& gap) { return gap.begin < range.begin; });
    gaps_.insert(place, range);
}

std::uint64_t BlockQueue::remaining() const {
    std::uint64_t blocks = 0;
    for (const auto& gap : gaps_) blocks += gap.end - gap.begin;
    return blocks;
}

}  // namespace pgwraith::transfer
