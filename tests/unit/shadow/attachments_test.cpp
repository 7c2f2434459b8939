#include "pgwraith/shadow/attachments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::shadow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

catalog::Grant grant(const std::string& privilege, const std::string& grantee, const std::string& column = "") {
    catalog::Grant made;
    made.privilege = privilege;
    made.grantee = grantee;
    made.column = column;
    made.grantor = "owner";
    return made;
}

TEST(DeniedToOwner, NothingWhenNobodyEverGrantedOrRevoked) {
    catalog::Table table;
    table.owner = "owner";
    EXPECT_THAT(denied_to_owner(table), IsEmpty());
}

TEST(DeniedToOwner, WhatTheOwnerTookFromItself) {
    catalog::Table table;
    table.owner = "owner";
    table.default_acl = false;
    for (const auto* privilege : {"SELECT", "INSERT", "DELETE", "REFERENCES"})
        table.grants.push_back(grant(privilege, "owner"));
    // Neither somebody else's right nor one on a single column is the owner's on the table.
    table.grants.push_back(grant("TRUNCATE", "other"));
    table.grants.push_back(grant("UPDATE", "owner", "a"));
    EXPECT_THAT(denied_to_owner(table), ElementsAre("UPDATE", "TRUNCATE", "TRIGGER"));
}

TEST(StandInName, ItsOwnUnlessTwoAreOfOneName) {
    catalog::Table table;
    catalog::Statistics one;
    one.oid = 11;
    one.name = QualifiedName{"a", "same"};
    catalog::Statistics two;
    two.oid = 12;
    two.name = QualifiedName{"b", "same"};
    catalog::Statistics other;
    other.oid = 13;
    other.name = QualifiedName{"a", "other"};
    table.statistics = {one, two, other};
    EXPECT_EQ(stand_in_name(table, one), "pgwraith_11");
    EXPECT_EQ(stand_in_name(table, two), "pgwraith_12");
    EXPECT_EQ(stand_in_name(table, other), "other");
}

}  // namespace
}  // namespace pgwraith::shadow
