#include "pgwraith/catalog/holders.h"

#include <gtest/gtest.h>

namespace pgwraith::catalog {

namespace {

LockHolder holder(std::string relation, std::string who) {
    LockHolder made;
    made.relation_name = std::move(relation);
    made.who = std::move(who);
    return made;
}

}  // namespace

TEST(LockHolders, AreNamedByRelation) {
    std::vector<LockHolder> holders;
    for (int pid = 1; pid <= 7; ++pid) {
        holders.push_back(holder("public.t", "pid " + std::to_string(pid) + " (app)"));
    }
    holders.push_back(holder("public.p", "an autovacuum (pid 8)"));
    EXPECT_EQ(describe(holders),
              "public.p is held by an autovacuum (pid 8); public.t is held by pid 1 (app), pid 2 (app), pid 3 (app), "
              "pid 4 (app), pid 5 (app) and 2 more");
    EXPECT_EQ(describe({}), "");
}

}  // namespace pgwraith::catalog
