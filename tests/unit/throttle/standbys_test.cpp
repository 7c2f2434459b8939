#include "pgwraith/throttle/standbys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::throttle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Missing = Standbys::Missing;

TEST(Standbys, OneThatIsGoneIsMissedUntilItIsBack) {
    Standbys standbys;
    standbys.observe({{"a", 1}, {"b", 2}});
    standbys.observe({{"a", 1}, {"b", 2}});
    EXPECT_THAT(standbys.missing(), IsEmpty());
    standbys.observe({{"b", 2}});
    standbys.observe({{"b", 2}});
    EXPECT_THAT(standbys.missing(), ElementsAre(Missing{"a", 0, 1}));
    standbys.observe({{"b", 2}, {"a", 9}});  // with another walsender
    EXPECT_THAT(standbys.missing(), IsEmpty());
}

TEST(Standbys, WhatIsSeenOnceDoesNotCount) {
    Standbys standbys;
    standbys.observe({{"a", 1}});
    standbys.observe({});
    EXPECT_THAT(standbys.missing(), IsEmpty());
    standbys.observe({{"a", 1}});
    standbys.observe({{"a", 2}});  // not the same walsender
    standbys.observe({});
    EXPECT_THAT(standbys.missing(), IsEmpty());
}

TEST(Standbys, OfOneNameTheNumberCounts) {
    Standbys standbys;
    standbys.observe({{"walreceiver", 1}, {"walreceiver", 2}});
    standbys.observe({{"walreceiver", 1}, {"walreceiver", 2}});
    standbys.observe({{"walreceiver", 2}});
    EXPECT_THAT(standbys.missing(), ElementsAre(Missing{"walreceiver", 1, 2}));
    // A standby that connects anew before the server has noticed that its old connection is gone.
    standbys.observe({{"walreceiver", 2}, {"walreceiver", 3}, {"walreceiver", 4}});
    EXPECT_THAT(standbys.missing(), IsEmpty());
}

}  // namespace
}  // namespace pgwraith::throttle
