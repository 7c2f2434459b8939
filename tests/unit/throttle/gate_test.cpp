#include "pgwraith/throttle/gate.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace pgwraith::throttle {
namespace {

class GateTest : public ::testing::Test {
  protected:
    void pass() {
        asio::co_spawn(io, gate.pass(), [this](std::exception_ptr error) { passed += error ? 100 : 1; });
        turn();
    }
    // Lets everything happen that can happen without waiting.
    void turn() {
        io.restart();
        io.poll();
    }

    asio::io_context io{1};
    Gate gate{io.get_executor()};
    int passed = 0;
};

TEST_F(GateTest, IsOpenAtFirst) {
    EXPECT_FALSE(gate.closed());
    EXPECT_EQ(gate.reason(), std::nullopt);
    EXPECT_EQ(gate.closed_for(), milliseconds{0});
    pass();
    EXPECT_EQ(passed, 1);
}

TEST_F(GateTest, OpensOnlyWhenTheLastReasonIsGone) {
    gate.hold("operator", "paused by the operator");
    gate.hold("lag", "replica r1 is behind");
    pass();
    pass();
    gate.clear("operator");
    turn();
    EXPECT_EQ(passed, 0);
    EXPECT_EQ(gate.reason(), "replica r1 is behind");
    gate.clear("lag");
    turn();
    EXPECT_EQ(passed, 2);
    EXPECT_FALSE(gate.closed());
}

TEST_F(GateTest, TheWorstReasonIsTold) {
    gate.hold("a", "a little", 1.2);
    gate.hold("b", "far too much", 30);
    gate.hold("c", "much", 3);
    EXPECT_EQ(gate.reason(), "far too much");
    gate.hold("operator", "paused by the operator");
    EXPECT_EQ(gate.reason(), "paused by the operator");
    gate.clear("operator");
    gate.clear("b");
    EXPECT_EQ(gate.reason(), "much");
}

TEST_F(GateTest, AReasonMayChangeItsText) {
    gate.hold("lag", "12s");
    gate.hold("lag", "14s");
    EXPECT_EQ(gate.reason(), "14s");
    gate.clear("lag");
    EXPECT_FALSE(gate.closed()) << "held twice, cleared once: it is one reason";
}

TEST_F(GateTest, WorkersPassWhenTheirTurnHasCome) {
    int workers = 3;
    bool over = false;
    std::vector<int> in;
    int out = 0;
    const auto send = [&](int number) {
        asio::co_spawn(io, gate.pass({number, workers, [&over] { return over; }}),
                       [&, number](const std::exception_ptr&, bool may) { may ? in.push_back(number) : void(++out); });
        turn();
    };
    for (int number = 0; number < 5; ++number) send(number);
    EXPECT_EQ(in, std::vector<int>{0}) << "one at first";
    gate.allow(8);
    turn();
    EXPECT_EQ(in, (std::vector<int>{0, 1, 2})) << "no more than are wanted";
    workers = 4;  // as `set` does
    gate.look_again();
    turn();
    EXPECT_EQ(in.size(), 4U);
    gate.hold("lag", "behind");
    send(0);
    EXPECT_EQ(in.size(), 4U);
    over = true;
    gate.look_again();
    turn();
    EXPECT_EQ(out, 2) << "nothing is left to wait for, though the gate is closed";
}

TEST_F(GateTest, ClosedAgainBeforeTheWaiterRanKeepsItWaiting) {
    gate.hold("a", "a");
    pass();
    gate.clear("a");
    gate.hold("b", "b");
    turn();
    EXPECT_EQ(passed, 0);
    gate.clear("b");
    turn();
    EXPECT_EQ(passed, 1);
}

TEST_F(GateTest, ClearingWhatDoesNotHoldIsNothing) {
    gate.clear("never held");
    gate.hold("a", "a");
    gate.clear("never held");
    EXPECT_TRUE(gate.closed());
    gate.clear("a");
}

}  // namespace
}  // namespace pgwraith::throttle
