#include "key_order.h"

#include <algorithm>
#include <set>

namespace pgwraith::transfer {

namespace {

// Length of the longest part that only grows, of ranks of which no two are equal.
std::size_t longest_growing(const std::vector<std::uint64_t>& ranks) {
    std::vector<std::uint64_t> last;  // of the best part of each length
    for (const auto rank : ranks) {
        const auto place = std::ranges::lower_bound(last, rank);
        if (place == last.end()) {
            last.push_back(rank);
        } else {
            *place = rank;
        }
    }
    return last.size();
}

}  // namespace

double share_in_order(const std::vector<SampledRow>& rows) {
    std::vector<std::uint64_t> ranks;
    const SampledRow* before = nullptr;
    for (const auto& row : rows) {
        if (before == nullptr || before->block != row.block) ranks.push_back(row.rank);
        before = &row;
    }
    if (ranks.size() < fewest_sampled) return 0;
    const auto growing = longest_growing(ranks);
    std::ranges::reverse(ranks);
    return static_cast<double>(std::max(growing, longest_growing(ranks))) / static_cast<double>(ranks.size());
}

double share_written_by(const std::vector<std::uint32_t>& writers, const std::vector<Xid>& transactions) {
    if (writers.empty()) return 0;
    std::set<std::uint32_t> known;
    for (const auto xid : transactions) known.insert(static_cast<std::uint32_t>(xid));
    const auto written = std::ranges::count_if(writers, [&](std::uint32_t writer) { return known.contains(writer); });
    return static_cast<double>(written) / static_cast<double>(writers.size());
}

}  // namespace pgwraith::transfer
