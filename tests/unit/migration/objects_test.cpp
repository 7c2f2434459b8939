#include "objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MadeObjects, AreNamedOneByOne) {
    MadeObjects made;
    made.slot = "pgwraith_5_7";
    made.origins = {"pgwraith_5_7_1"};
    made.publication = "pgwraith_7";
    made.new_schema = "pgwraith_new_7";
    made.shadow_tables = {{"pgwraith_new_7", "t"}};
    EXPECT_THAT(made.describe(),
                ElementsAre("replication slot pgwraith_5_7", "replication origin pgwraith_5_7_1",
                            "publication pgwraith_7", R"(shadow table "pgwraith_new_7"."t")", "schema pgwraith_new_7"));
    EXPECT_FALSE(made.empty());
}

TEST(MadeObjects, IncludeAReplicaIdentityThatIsBorrowed) {
    MadeObjects made;
    made.borrowed = BorrowedIdentity{{catalog::IdentityKind::primary_key}, {catalog::IdentityKind::index, "k", 9}};
    EXPECT_TRUE(made.empty()) << "it was given back";
    EXPECT_THAT(made.describe(), IsEmpty());
    made.identity_is_borrowed = true;
    EXPECT_FALSE(made.empty());
    EXPECT_THAT(made.describe(), ElementsAre(HasSubstr("DEFAULT is given back")));
}

TEST(MadeObjects, AreKnownByTheTablesName) {
    EXPECT_EQ(schema_marker({"app", "Order Items"}), R"(made by pgwraith for "app"."Order Items")");
}

}  // namespace
}  // namespace pgwraith::migration
