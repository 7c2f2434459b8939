#include "pgwraith/throttle/commit_latency.h"

#include <gtest/gtest.h>

namespace pgwraith::throttle {
namespace {

using namespace std::chrono_literals;

CommitLatency probed(std::initializer_list<double> probes) {
    CommitLatency latency;
    for (const double ms : probes) latency.took(ms);
    return latency;
}

TEST(CommitLatency, IsNotKnownWithoutAProbe) {
    EXPECT_FALSE(CommitLatency().now());
    EXPECT_FALSE(CommitLatency().limit({}));
}

TEST(CommitLatency, OneSlowCommitIsNothing) {
    EXPECT_EQ(probed({2, 3, 900}).now(), 3);
    EXPECT_EQ(probed({2, 800, 900}).now(), 800);
    EXPECT_EQ(probed({900, 2, 3, 4}).now(), 3) << "the last three";
}

TEST(CommitLatency, AProbeThatDoesNotEndCountsMoreAndMore) {
    const auto latency = probed({2, 2, 2});
    EXPECT_EQ(latency.now(400), 2);
    EXPECT_EQ(latency.now(600), 600);
    EXPECT_EQ(latency.now(60'000), 60'000);
    EXPECT_EQ(CommitLatency().now(700), 700);
}

TEST(CommitLatency, TheAutomaticLimitGoesByTheQuietServer) {
    const config::LatencyLimit automatic;
    EXPECT_EQ(probed({2, 2, 2, 2, 2}).limit(automatic), 100) << "that little is noticed by nobody";
    EXPECT_EQ(probed({80, 80, 80, 80, 80}).limit(automatic), 400) << "a slow disk";
    auto latency = probed({40, 40, 40, 40, 40});
    for (int probe = 0; probe < 100; ++probe) latency.took(5'000);
    EXPECT_EQ(latency.limit(automatic), 200) << "what we do to the server is not its quiet state";
    EXPECT_EQ(latency.quiet(), 40);
}

TEST(CommitLatency, ALimitThatIsGivenIsTheLimit) {
    const auto latency = probed({80, 80, 80, 80, 80});
    EXPECT_EQ(latency.limit({false, 50ms}), 50);
    EXPECT_FALSE(latency.limit({false, std::nullopt})) << "off";
}

}  // namespace
}  // namespace pgwraith::throttle
