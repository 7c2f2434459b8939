// Each block is handed out once, whatever the sample says; and where it says the truth, partners meet.
#include "pgwraith/transfer/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

store::ChunkRecord chunk(std::uint32_t begin, std::uint32_t end, Xid xid) { return {begin, end, xid, true, 0}; }

auto range(std::uint32_t begin, std::uint32_t end) {
    return testing::AllOf(testing::Field(&BlockRange::begin, begin), testing::Field(&BlockRange::end, end));
}

TEST(Windows, WithoutASampleTakeTheirShare) {
    Windows windows({}, {{0, 100}}, {0, 50});
    EXPECT_EQ(windows.live_per_shadow(), 2U);
    const auto window = windows.take(10, {});
    EXPECT_THAT(window.shadow, range(0, 10));
    EXPECT_THAT(window.live, ElementsAre(range(0, 20)));
    EXPECT_EQ(windows.remaining(), 80U);
}

TEST(Windows, CutEachChunkWhereItsNextRowComesFrom) {
    // Two chunks were written side by side; a third had not yet begun there.
    Windows windows({chunk(0, 100, 7), chunk(100, 200, 8), chunk(200, 300, 9)}, {{0, 300}}, {0, 300});
    const auto first = windows.take(120, {{120, 60, 7}, {121, 62, 7}, {122, 160, 8}, {123, 164, 8}});
    EXPECT_THAT(first.live, ElementsAre(range(0, 60), range(100, 160)));
    // The first is over: it began before those that are found. The third is still to come.
    const auto second = windows.take(60, {{180, 180, 8}});
    EXPECT_THAT(second.live, ElementsAre(range(60, 100), range(160, 180)));
    EXPECT_THAT(windows.live(), ElementsAre(range(180, 300)));
}

TEST(Windows, GoByTheOrderInWhichChunksWereWritten) {
    // The first chunk was lost with a process and copied again behind the others.
    Windows windows({chunk(0, 100, 30), chunk(100, 200, 8), chunk(200, 300, 9)}, {{0, 300}}, {0, 300});
    EXPECT_THAT(windows.take(150, {{150, 250, 9}}).live, ElementsAre(range(100, 250)));
    EXPECT_THAT(windows.take(100, {{250, 50, 30}}).live, ElementsAre(range(0, 50), range(250, 300)));
}

TEST(Windows, SeeWhichChunksBeginBehindTheCut) {
    Windows windows({chunk(0, 16, 7), chunk(16, 32, 8), chunk(32, 48, 9), chunk(48, 64, 10)}, {{0, 64}}, {0, 64});
    EXPECT_THAT(windows.take(10, {{10, 10, 7}, {16, 16, 8}, {40, 32, 9}, {60, 48, 10}}).live,
                ElementsAre(range(0, 10)));
    EXPECT_THAT(windows.take(10, {{20, 20, 8}, {40, 32, 9}}).live, ElementsAre(range(10, 20)));
}

TEST(Windows, BelieveOnlyRowsThatTheCopyWrote) {
    Windows windows({chunk(0, 100, 7), chunk(100, 200, (Xid{1} << 32) + 8)}, {{0, 300}}, {0, 300});
    // Applied since; of a block behind the copy; of a chunk before the first.
    EXPECT_THAT(windows.take(10, {{10, 150, 1000}, {11, 250, 8}}).live, ElementsAre(range(0, 10)))
        << "a share, as without any";
    EXPECT_THAT(windows.take(10, {{20, 110, 8}}).live, ElementsAre(range(10, 30))) << "transaction ids have an epoch; "
                                                                                      "twice the share at most";
}

TEST(Windows, EndWithWhatIsLeftOfEitherTable) {
    Windows longer_live({}, {{0, 10}, {20, 25}}, {3, 8});
    EXPECT_THAT(longer_live.behind(5), range(0, 0));
    auto window = longer_live.take(5, {});
    EXPECT_THAT(window.live, ElementsAre(range(0, 10), range(20, 25)));
    EXPECT_TRUE(longer_live.finished());
    EXPECT_THROW(longer_live.take(5, {}), Error);

    Windows longer_shadow({}, {}, {0, 8});
    window = longer_shadow.take(5, {});
    EXPECT_THAT(window.live, IsEmpty());
    EXPECT_FALSE(longer_shadow.finished());
    EXPECT_THAT(longer_shadow.take(5, {}).shadow, range(5, 8));
    EXPECT_TRUE(longer_shadow.finished());

    Windows no_shadow({}, {{0, 8}}, {0, 0});
    window = no_shadow.take(4, {});
    EXPECT_THAT(window.shadow, range(0, 0));
    EXPECT_THAT(window.live, ElementsAre(range(0, 8)));
    EXPECT_TRUE(Windows({}, {{4, 4}}, {0, 0}).finished()) << "an empty table";
}

TEST(Windows, LookBesideThemselvesForPartners) {
    Windows windows({chunk(0, 100, 7), chunk(100, 200, 8)}, {{0, 200}}, {0, 200});
    const auto first = windows.take(48, {{48, 30, 7}, {49, 104, 8}});
    EXPECT_THAT(first.live, ElementsAre(range(0, 30), range(100, 104)));
    EXPECT_THAT(first.live_near, ElementsAre(range(30, 32), range(98, 100), range(104, 106)));
    EXPECT_THAT(first.shadow_near, ElementsAre(range(48, 50)));
    const auto second = windows.take(48, {{96, 33, 7}, {97, 102, 8}, {98, 134, 8}});
    EXPECT_THAT(second.shadow_near, ElementsAre(range(46, 48), range(96, 98)));
    Windows no_live({}, {}, {0, 8});
    EXPECT_THAT(no_live.take(4, {}).shadow_near, IsEmpty()) << "nothing to be a partner for";
}

TEST(Windows, LookFarEnoughBehindTheCut) {
    const Windows windows({}, {{0, 5000}}, {100, 5000});
    EXPECT_THAT(windows.behind(2000), range(2100, 2612));
    EXPECT_THAT(windows.behind(4890), range(4990, 5000));
    EXPECT_THAT(windows.behind(4900), range(0, 0)) << "the last window takes the rest";
}

// Chunks are copied side by side, some rows are written again elsewhere, and the sample is often wrong.
TEST(Windows, HandOutEachBlockOnce) {
    std::mt19937 engine(4711);
    const auto random = [&](std::uint32_t below) { return static_cast<std::uint32_t>(engine() % below); };
    for (int round = 0; round < 200; ++round) {
        std::vector<store::ChunkRecord> chunks;
        std::uint32_t begin = 0;
        for (std::uint32_t n = 0; n < 20; ++n) {
            const auto end = begin + 1 + random(50);
            chunks.push_back(chunk(begin, end, 100 + (n ^ random(4))));
            begin = end;
        }
        const std::uint32_t live = begin + random(100), shadow = random(800);
        Windows windows(chunks, {{0, live}}, {0, shadow});
        std::vector<int> seen_live(live), seen_shadow(shadow);
        while (!windows.finished()) {
            const std::uint32_t blocks = 1 + random(60);
            std::vector<Partner> partners;
            const auto behind = windows.behind(blocks);
            for (auto block = behind.begin; block < behind.end; block += 1 + random(40)) {
                partners.push_back({block, (block + random(90)) % (live + 10), 100 + random(25)});
            }
            const auto window = windows.take(blocks, partners);
            EXPECT_LE(window.live.size(), 32U);
            std::set<std::uint32_t> in_statement;
            for (const auto* ranges : {&window.live, &window.live_near}) {
                for (const auto& part : *ranges) {
                    for (auto block = part.begin; block < part.end; ++block) {
                        EXPECT_TRUE(in_statement.insert(block).second) << "twice in one window";
                    }
                }
            }
            for (const auto& part : window.live) {
                for (auto block = part.begin; block < part.end; ++block) ++seen_live[block];
            }
            for (auto block = window.shadow.begin; block < window.shadow.end; ++block) ++seen_shadow[block];
        }
        EXPECT_TRUE(std::ranges::all_of(seen_live, [](int times) { return times == 1; })) << "round " << round;
        EXPECT_TRUE(std::ranges::all_of(seen_shadow, [](int times) { return times == 1; })) << "round " << round;
    }
}

}  // namespace
}  // namespace pgwraith::transfer
