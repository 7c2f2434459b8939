#include "pgwraith/throttle/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::throttle {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::uint64_t megabyte = 1 << 20;

// A primary that writes a megabyte each second.
class Replicas : public ::testing::Test {
  protected:
    ReplicaVerdict read(int second, std::vector<Replica> replicas) {
        const Lsn position{100 * megabyte + static_cast<std::uint64_t>(second) * megabyte};
        return judge_.judge({start_ + seconds{second}, position, std::move(replicas)}, limits_, standbys_);
    }
    static Replica replica(const std::string& name, int replayed_second) {
        return {name, 1, Lsn{100 * megabyte + static_cast<std::uint64_t>(replayed_second) * megabyte}};
    }
    static Replica hidden(const std::string& name) { return {name, 2, std::nullopt}; }

    config::Throttle limits_;
    Standbys standbys_;

  private:
    ReplicaJudge judge_;
    Clock::time_point start_ = Clock::now();
};

TEST_F(Replicas, NoneIsNoReason) {
    const auto verdict = read(0, {});
    EXPECT_FALSE(verdict.lag);
    EXPECT_FALSE(verdict.not_yet);
    EXPECT_FALSE(verdict.missing);
    EXPECT_FALSE(verdict.hidden);
    const auto reading = reading_of(verdict, limits_);
    EXPECT_FALSE(reading.value);
    EXPECT_FALSE(reading.over);
}

TEST_F(Replicas, TheSlowestIsNamed) {
    limits_.max_replica_lag = seconds{10};
    for (int second = 0; second < 20; ++second) read(second, {replica("quick", second), replica("slow", second)});
    const auto verdict = read(21, {replica("quick", 21), replica("slow", 9)});
    EXPECT_EQ(verdict.lag, seconds{11});
    const auto reading = reading_of(verdict, limits_);
    EXPECT_EQ(reading.value, 11'000);
    EXPECT_EQ(reading.limit, 10'000);
    EXPECT_FALSE(reading.over) << "value and limit say so";
    EXPECT_EQ(reading.why, "replica slow is 11s behind (limit 10s)");
}

// One that is replayed in steps would otherwise open and close the gate all the time.
TEST_F(Replicas, ThatWereTooLateLetGoWellBelowTheLimit) {
    SignalJudge judge("replica_lag", "ms");
    const auto at = [&](int second, int replayed) {
        const auto now = Clock::now();
        return judge.judge({now, now, "", reading_of(read(second, {replica("r", replayed)}), limits_)}).holds;
    };
    limits_.max_replica_lag = seconds{10};
    for (int second = 0; second < 20; ++second) read(second, {replica("r", second)});
    EXPECT_FALSE(at(20, 11));
    EXPECT_TRUE(at(21, 9));
    EXPECT_DOUBLE_EQ(judge.severity(), 1.1) << "as bad as it is, other than what is not known";
    EXPECT_TRUE(at(22, 12));
    EXPECT_THAT(judge.state().why, HasSubstr("replica r is 9s behind"));
    EXPECT_FALSE(at(23, 16));
}

TEST_F(Replicas, TheLimitIsReadAnewEachTime) {
    for (int second = 0; second < 6; ++second) read(second, {replica("r", second)});
    limits_.max_replica_lag = seconds{1};
    EXPECT_EQ(reading_of(read(7, {replica("r", 2)}), limits_).limit, 1'000);
}

TEST_F(Replicas, OneThatHasNotComeToTheBeginningHoldsTheGate) {
    const auto reading = reading_of(read(0, {replica("delayed", -50)}), limits_);
    EXPECT_TRUE(reading.over) << "how far it is behind cannot be known";
    EXPECT_THAT(reading.why, HasSubstr("replica delayed has not yet replayed"));
    EXPECT_FALSE(read(1, {replica("delayed", 0)}).not_yet);
}

TEST_F(Replicas, OneThatIsIgnoredDoesNotCount) {
    limits_.ignore_replicas = {"delayed"};
    const auto verdict = read(0, {replica("delayed", -50)});
    EXPECT_FALSE(verdict.not_yet);
    EXPECT_FALSE(verdict.lag);
}

TEST_F(Replicas, OneThatHasGoneIsMissed) {
    read(0, {replica("a", 0)});
    read(1, {replica("a", 1)});
    const auto verdict = read(2, {});
    ASSERT_TRUE(verdict.missing);
    EXPECT_THAT(*verdict.missing, HasSubstr("replica a has disconnected"));
    EXPECT_THAT(*verdict.missing, HasSubstr("throttle.ignore_replicas"));
}

TEST_F(Replicas, AMissingOneThatIsIgnoredDoesNotCount) {
    read(0, {replica("a", 0)});
    read(1, {replica("a", 1)});
    limits_.ignore_replicas = {"a"};
    EXPECT_FALSE(read(2, {}).missing);
}

TEST_F(Replicas, HiddenOnesHoldTheGateAfterAMoment) {
    EXPECT_FALSE(read(0, {hidden("h")}).hidden) << "it may only be starting";
    EXPECT_FALSE(read(3, {hidden("h")}).hidden);
    EXPECT_TRUE(read(4, {hidden("h")}).hidden);
    EXPECT_FALSE(read(5, {replica("h", 5)}).hidden);
    EXPECT_FALSE(read(6, {hidden("h")}).hidden) << "the moment begins anew";
}

TEST_F(Replicas, WhileOneIsHiddenNobodyIsMissed) {
    read(0, {replica("a", 0)});
    read(1, {replica("a", 1)});
    EXPECT_FALSE(read(2, {hidden("")}).missing) << "it may be the same";
}

TEST(Slot, HasRoomWithoutALimit) { EXPECT_FALSE(judge_slot({"reserved", 1'000 * megabyte, std::nullopt})); }

TEST(Slot, NeedsAsMuchRoomAsItKeeps) {
    EXPECT_FALSE(judge_slot({"extended", 100 * megabyte, 100 * megabyte}));
    const auto reason = judge_slot({"extended", 100 * megabyte, 100 * megabyte - 1});
    ASSERT_TRUE(reason);
    EXPECT_THAT(*reason, HasSubstr("100 MiB of WAL"));
}

TEST(Slot, NeedsSomeRoomHoweverLittleItKeeps) {
    EXPECT_FALSE(judge_slot({"reserved", 0, 16 * megabyte}));
    EXPECT_TRUE(judge_slot({"reserved", 0, 16 * megabyte - 1}));
}

TEST(Slot, IsAboutToGoWhenItsWalIsUnreserved) { EXPECT_TRUE(judge_slot({"unreserved", 0, std::nullopt})); }

}  // namespace
}  // namespace pgwraith::throttle
