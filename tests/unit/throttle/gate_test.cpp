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

TEST_F(GateTest, AReasonMayChangeItsText) {
    gate.hold("lag", "12s");
    gate.hold("lag", "14s");
    EXPECT_EQ(gate.reason(), "14s");
    gate.clear("lag");
    EXPECT_FALSE(gate.closed()) << "held twice, cleared once: it is one reason";
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
