#include "pgwraith/transfer/windows.h"

#include <algorithm>
#include <map>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {

namespace {

// Each range is a scan of its own in the statement that compares.
constexpr std::size_t most_ranges = 32;
// Blocks that writers get from the server are in order but for some.
constexpr std::uint32_t most_near = 16;

std::uint32_t blocks_in(const BlockRange& range) { return range.end - range.begin; }

std::uint32_t blocks_in(const Window& window) {
    std::uint32_t blocks = 0;
    for (const auto& range : window.live) blocks += blocks_in(range);
    return blocks;
}

// What is within `reach` blocks of these ranges, and in none of them.
std::vector<BlockRange> near(std::vector<BlockRange> ranges, std::uint32_t reach) {
    std::ranges::sort(ranges, {}, &BlockRange::begin);
    std::vector<BlockRange> found;
    std::uint32_t done = 0;  // all before it is in a range, or found, or too far
    const auto add = [&](std::uint64_t begin, std::uint64_t end) {
        const auto from = std::max<std::uint64_t>(begin, done);
        const auto to = std::min<std::uint64_t>(end, UINT32_MAX);
        if (from < to) found.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
    };
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const auto& range = ranges[i];
        add(range.begin - std::min(range.begin, reach), range.begin);
        done = range.end;
        auto end = 1ULL * range.end + reach;
        if (i + 1 < ranges.size()) end = std::min<std::uint64_t>(end, ranges[i + 1].begin);
        add(range.end, end);
        done = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, UINT32_MAX));
    }
    return found;
}

std::uint32_t rounded_up(std::uint64_t dividend, std::uint64_t divisor) {
    constexpr std::uint64_t most = UINT32_MAX;
    return static_cast<std::uint32_t>(std::min(most, (dividend + divisor - 1) / divisor));
}

}  // namespace

Windows::Windows(std::vector<store::ChunkRecord> chunks, std::vector<BlockRange> live, BlockRange shadow)
    : chunks_(std::move(chunks)), live_(std::move(live)), shadow_(shadow) {
    std::ranges::sort(chunks_, {}, &store::ChunkRecord::begin);
    std::ranges::sort(live_, {}, &BlockRange::begin);
    std::erase_if(live_, [](const BlockRange& range) { return range.begin >= range.end; });
    const auto ratio = rounded_up(live_left(), std::max(1U, blocks_in(shadow_)));
    live_per_shadow_ = std::clamp(ratio, 1U, 1000U);
}

std::uint64_t Windows::live_left() const {
    std::uint64_t blocks = 0;
    for (const auto& range : live_) blocks += blocks_in(range);
    return blocks;
}

std::uint32_t Windows::remaining() const {
    const std::uint64_t shadow = blocks_in(shadow_);
    return rounded_up(std::max(shadow, live_left()), 1);
}

// Writers get blocks in turns, sometimes long runs of them: far enough for the next one of each.
BlockRange Windows::behind(std::uint32_t blocks) const {
    constexpr std::uint32_t far = 512;
    if (live_.empty() || blocks >= blocks_in(shadow_)) return {};
    const auto cut = shadow_.begin + blocks;
    return {cut, cut + std::min(far, shadow_.end - cut)};
}

Window Windows::take(std::uint32_t blocks, const std::vector<Partner>& partners) {
    ensure(!finished() && blocks > 0, "there is something left to be compared");
    Window window;
    // Twice what is due: what a wrong cut takes too much must not become a long transaction.
    const auto most = rounded_up(2ULL * blocks * live_per_shadow_, 1);
    window.shadow = {shadow_.begin, shadow_.begin + std::min(blocks, blocks_in(shadow_))};
    const bool by_chunk = window.shadow.end != shadow_.end && take_by_chunk(window, partners, most);
    if (!by_chunk) take_share(window, most);
    shadow_.begin = window.shadow.end;
    add_near(window);
    return window;
}

void Windows::add_near(Window& window) const {
    const auto reach = std::min(most_near, blocks_in(window.shadow) / 32 + 1);
    if (blocks_in(window.shadow) == 0 || window.live.empty()) return;
    window.live_near = near(window.live, reach * live_per_shadow_);
    window.shadow_near = near({window.shadow}, reach);
}

// Which chunks' rows stand behind the cut, and from which block on. A chunk that is not among them is over if it began
// before one that is, else it has yet to come; their transactions' ids tell the order.
bool Windows::take_by_chunk(Window& window, const std::vector<Partner>& partners, std::uint32_t most) {
    std::map<std::uint32_t, std::uint32_t> cuts;  // begin of the chunk, first block behind the cut
    Xid newest = 0;
    for (const auto& partner : partners) {
        auto chunk = std::ranges::upper_bound(chunks_, partner.live_block, {}, &store::ChunkRecord::begin);
        if (chunk == chunks_.begin()) continue;
        --chunk;
        // Another transaction's row was written again since, wherever there was room.
        const bool copied = static_cast<std::uint32_t>(chunk->xid) == partner.xmin && partner.live_block < chunk->end;
        if (!copied) continue;
        const auto [cut, first] = cuts.try_emplace(chunk->begin, partner.live_block);
        if (!first) cut->second = std::min(cut->second, partner.live_block);
        newest = std::max(newest, chunk->xid);
    }
    if (cuts.empty()) return false;
    for (const auto& chunk : chunks_) {
        const auto cut = cuts.find(chunk.begin);
        const bool over = cut == cuts.end() && chunk.xid < newest;
        if (over) cut_out(window, {chunk.begin, chunk.end}, most);
        if (cut != cuts.end()) cut_out(window, {chunk.begin, cut->second}, most);
    }
    return true;
}

// As much of what is left of the live table as the window is of what is left of the shadow.
void Windows::take_share(Window& window, std::uint32_t most) {
    const auto left = live_left();
    const auto share = blocks_in(shadow_) == 0 ? left : rounded_up(left * blocks_in(window.shadow), blocks_in(shadow_));
    const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(share, most));
    while (!live_.empty() && blocks_in(window) < wanted && window.live.size() < most_ranges) {
        cut_out(window, live_.front(), wanted);
    }
}

// Moves what is left of `range` into the window, until that has `most` blocks or too many ranges.
void Windows::cut_out(Window& window, BlockRange range, std::uint32_t most) {
    // Most chunks of a large table were handed out long ago, or are still to come.
    const auto overlaps = [&](const BlockRange& gap) { return gap.begin < range.end && range.begin < gap.end; };
    if (blocks_in(window) >= most || std::ranges::none_of(live_, overlaps)) return;
    std::vector<BlockRange> left;
    for (const auto& gap : live_) {
        BlockRange part{std::max(gap.begin, range.begin), std::min(gap.end, range.end)};
        const auto room = most - std::min(most, blocks_in(window));
        const bool joins = !window.live.empty() && window.live.back().end == part.begin;
        if (part.begin >= part.end || room == 0 || (!joins && window.live.size() >= most_ranges)) {
            left.push_back(gap);
            continue;
        }
        part.end = std::min(part.end, part.begin + room);
        if (joins) {
            window.live.back().end = part.end;
        } else {
            window.live.push_back(part);
        }
        if (gap.begin < part.begin) left.push_back({gap.begin, part.begin});
        if (part.end < gap.end) left.push_back({part.end, gap.end});
    }
    live_ = std::move(left);
}

}  // namespace pgwraith::transfer
