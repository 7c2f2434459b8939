#include "key_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pgwraith::transfer {
namespace {

std::vector<SampledRow> in_order(std::uint32_t blocks) {
    std::vector<SampledRow> rows;
    for (std::uint32_t block = 0; block < blocks; ++block) rows.push_back({10 * block, block + 1});
    return rows;
}

TEST(KeyOrder, IsWholeWhereEachBlockFollowsTheLast) {
    auto rows = in_order(100);
    EXPECT_EQ(share_in_order(rows), 1.0);
    for (auto& row : rows) row.rank = 101 - row.rank;
    EXPECT_EQ(share_in_order(rows), 1.0) << "backwards is an order, too";
}

TEST(KeyOrder, LosesTheRowsThatStandElsewhere) {
    auto rows = in_order(100);
    std::swap(rows[10].rank, rows[70].rank);
    EXPECT_EQ(share_in_order(rows), 0.98);
    std::rotate(rows.begin(), rows.begin() + 20, rows.end());
    EXPECT_LT(share_in_order(rows), 0.81);
}

TEST(KeyOrder, IsNoneForRandomKeys) {
    auto rows = in_order(256);
    std::vector<std::uint64_t> ranks;
    for (const auto& row : rows) ranks.push_back(row.rank);
    std::ranges::shuffle(ranks, std::mt19937{7});
    for (std::size_t n = 0; n < rows.size(); ++n) rows[n].rank = ranks[n];
    EXPECT_LT(share_in_order(rows), 0.2);
}

// Within a block it does not matter: the block is read once.
TEST(KeyOrder, CountsOneRowOfEachBlock) {
    std::vector<SampledRow> rows;
    for (std::uint32_t block = 0; block < 20; ++block) {
        for (std::uint64_t row = 3; row > 0; --row) rows.push_back({block, 3 * block + row});
    }
    EXPECT_EQ(share_in_order(rows), 1.0);
}

TEST(KeyOrder, OfHardlyAnythingIsNotBelieved) {
    EXPECT_EQ(share_in_order({}), 0.0);
    EXPECT_EQ(share_in_order(in_order(fewest_sampled - 1)), 0.0);
    EXPECT_EQ(share_in_order(in_order(fewest_sampled)), 1.0);
}

TEST(Writers, AreKnownByTheLowerHalfOfTheirIds) {
    const std::vector<Xid> chunks{7, (Xid{1} << 32) + 8};
    EXPECT_EQ(share_written_by({7, 8, 8, 7}, chunks), 1.0);
    EXPECT_EQ(share_written_by({7, 8, 9, 7}, chunks), 0.75);
    EXPECT_EQ(share_written_by({}, chunks), 0.0);
    EXPECT_EQ(share_written_by({7}, {}), 0.0);
}

}  // namespace
}  // namespace pgwraith::transfer
