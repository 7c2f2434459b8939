#include "pgwraith/transfer/chunks.h"

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {
namespace {

constexpr milliseconds target{100};

TEST(ChunkSizer, DoublesAtMostAndShrinksAtOnce) {
    ChunkSizer sizer(target, 1'000'000);
    EXPECT_EQ(sizer.blocks(), 256U);
    sizer.took(256, milliseconds{1});  // a hundred times as many would fit
    EXPECT_EQ(sizer.blocks(), 512U);
    sizer.took(512, milliseconds{5'120});
    EXPECT_EQ(sizer.blocks(), 10U);
    sizer.took(10, milliseconds{100'000});
    EXPECT_EQ(sizer.blocks(), 1U) << "never less than one block";
    for (int i = 0; i < 10; ++i) sizer.took(sizer.blocks(), milliseconds{1});
    EXPECT_GE(sizer.blocks(), 40U) << "and from one it grows again";
}

TEST(ChunkSizer, SettlesWhereAChunkTakesTheTarget) {
    ChunkSizer sizer(target, 1'000'000);
    for (int i = 0; i < 20; ++i) sizer.took(sizer.blocks(), milliseconds{sizer.blocks() / 5});
    EXPECT_NEAR(sizer.blocks(), 500, 10);
    sizer.set_target(milliseconds{10});
    sizer.took(sizer.blocks(), milliseconds{sizer.blocks() / 5});
    EXPECT_NEAR(sizer.blocks(), 50, 5);
}

TEST(ChunkSizer, KeepsToTheLimitByBytes) {
    ChunkSizer sizer(target, 16);
    EXPECT_EQ(sizer.blocks(), 16U);
    sizer.took(16, milliseconds{1});
    EXPECT_EQ(sizer.blocks(), 16U);
    sizer.set_max_blocks(4);
    EXPECT_EQ(sizer.blocks(), 4U);
    sizer.set_max_blocks(0);
    EXPECT_EQ(sizer.blocks(), 1U);
    EXPECT_EQ(ChunkSizer(target, 0).blocks(), 1U);
}

TEST(ChunkSizer, AShortLastRangeCountsOnlyWhenItWasSlow) {
    ChunkSizer sizer(target, 1'000);
    sizer.took(2, milliseconds{50});
    EXPECT_EQ(sizer.blocks(), 256U);
    sizer.took(2, milliseconds{200});
    EXPECT_EQ(sizer.blocks(), 1U);
}

TEST(FairShare, IsThatOfEachWorkerButNotTooLittle) {
    EXPECT_EQ(fair_share(10'000, 2, 128), 5'001U);
    EXPECT_EQ(fair_share(10'000, 0, 128), 10'001U);
    EXPECT_EQ(fair_share(100, 2, 128), 128U) << "what a chunk costs beside its rows would count";
    EXPECT_EQ(fair_share(UINT64_MAX / 2, 1, 128), UINT32_MAX);
}

TEST(BlocksForBytes, CountsToastThatTheHeapBringsAlong) {
    EXPECT_EQ(blocks_for_bytes(8192 * 10, 1'000'000, 0), 10U);
    EXPECT_EQ(blocks_for_bytes(8192 * 10, 1'000'000, 1'000'000), 5U);
    EXPECT_EQ(blocks_for_bytes(8192 * 10, 1'000'000, 99'000'000), 1U) << "a single block always passes";
    EXPECT_EQ(blocks_for_bytes(8192 * 10, 0, 0), 10U) << "an empty table";
    EXPECT_LE(blocks_for_bytes(UINT64_MAX, 1, 0), 4'000'000U);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> all(BlockQueue& queue, std::uint32_t limit) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
    while (auto range = queue.take(limit)) ranges.emplace_back(range->begin, range->end);
    return ranges;
}

using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(BlockQueue, HandsOutEverythingOnceLowestFirst) {
    BlockQueue queue(10, {});
    EXPECT_EQ(queue.remaining(), 10U);
    EXPECT_EQ(all(queue, 4), (Ranges{{0, 4}, {4, 8}, {8, 10}}));
    EXPECT_EQ(queue.remaining(), 0U);
    EXPECT_FALSE(queue.take(1));
    BlockQueue empty(0, {});
    EXPECT_FALSE(empty.take(1));
}

TEST(BlockQueue, LeavesOutWhatIsDone) {
    // In no order; the last goes beyond the end, as after a table that became shorter.
    BlockQueue queue(
        20, {{10, 12, 0, true, 0}, {0, 3, 0, true, 0}, {3, 4, 0, true, 0}, {18, 25, 0, true, 0}, {30, 40, 0, true, 0}});
    EXPECT_EQ(queue.remaining(), 12U);
    EXPECT_EQ(all(queue, 100), (Ranges{{4, 10}, {12, 18}}));
    BlockQueue done(20, {{0, 20, 0, true, 0}});
    EXPECT_FALSE(done.take(1));
}

TEST(BlockQueue, GivesOutAgainWhatCameBackInItsPlace) {
    BlockQueue queue(12, {});
    auto first = queue.take(3);
    auto second = queue.take(3);
    ASSERT_TRUE(first && second);
    queue.give_back(*second);
    queue.give_back(*first);
    EXPECT_EQ(queue.remaining(), 12U);
    EXPECT_EQ(all(queue, 6), (Ranges{{0, 3}, {3, 6}, {6, 12}}));
    queue.give_back({6, 12});
    EXPECT_EQ(all(queue, 100), (Ranges{{6, 12}}));
}

TEST(BlockQueue, AlwaysMovesOn) {
    BlockQueue queue(2, {});
    EXPECT_EQ(all(queue, 0), (Ranges{{0, 1}, {1, 2}})) << "a limit of nothing is one block";
}

TEST(BlockQueue, ChunksThatOverlapAreADefect) {
    EXPECT_THROW(BlockQueue(20, {{0, 5, 0, true, 0}, {4, 8, 0, true, 0}}), Error);
}

TEST(IdleTime, IsAShareOfWhatTheChunkTook) {
    config::Settings settings;
    settings.copy.chunk_target = milliseconds{500};
    settings.throttle.idle_ratio = 0.5;
    EXPECT_EQ(idle_time(milliseconds{400}, settings), milliseconds{200});
    settings.throttle.idle_ratio = 0;
    EXPECT_EQ(idle_time(milliseconds{400}, settings), milliseconds{0});
}

TEST(IdleTime, OfAChunkThatWaitedForOthersIsNotLonger) {
    config::Settings settings;
    settings.copy.chunk_target = milliseconds{500};
    settings.throttle.idle_ratio = 2;
    EXPECT_EQ(idle_time(milliseconds{60'000}, settings), milliseconds{2'000}) << "as if it had taken twice its target";
}

}  // namespace
}  // namespace pgwraith::transfer
