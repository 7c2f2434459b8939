#include <gtest/gtest.h>

#include "pgwraith/cutover/cutover.h"

namespace pgwraith::cutover {
namespace {

using enum postgres::XactStatus;

TEST(Outcome, WhatTheCatalogShowsCounts) {
    for (const auto status : {committed, aborted, forgotten}) {
        EXPECT_EQ(outcome_of(status, LiveTable::in_place), Outcome::rolled_back);
        EXPECT_EQ(outcome_of(status, LiveTable::in_old_schema), Outcome::committed);
    }
}

TEST(Outcome, AnOldTableThatIsGoneLeavesTheTransactionToSayIt) {
    EXPECT_EQ(outcome_of(committed, LiveTable::elsewhere), Outcome::committed);
    EXPECT_EQ(outcome_of(aborted, LiveTable::elsewhere), Outcome::rolled_back);
    EXPECT_EQ(outcome_of(forgotten, LiveTable::elsewhere), Outcome::rolled_back);
}

}  // namespace
}  // namespace pgwraith::cutover
