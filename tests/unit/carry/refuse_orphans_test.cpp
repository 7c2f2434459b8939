#include <gtest/gtest.h>

#include "pgwraith/carry/swap.h"

namespace pgwraith::carry {
namespace {

plan::MappedColumn column(const std::string& name, const std::string& origin) {
    plan::MappedColumn column;
    column.name = name;
    column.origin = origin;
    return column;
}

class MayHaveOrphans : public ::testing::Test {
  protected:
    MayHaveOrphans() {
        pair_.live = {"public", "orders"};
        pair_.mapping.columns = {column("customer", "same"), column("amount", "cast")};
    }

    shadow::ForeignKey key(const std::string& child_column) const {
        shadow::ForeignKey key;
        key.child = pair_.live;
        key.parent = {"public", "customers"};
        key.child_columns = {child_column};
        return key;
    }

    shadow::Pair pair_;
};

TEST_F(MayHaveOrphans, WhenTheKeyIsNewOrItsColumnChanges) {
    EXPECT_FALSE(may_have_orphans(pair_, {}));
    EXPECT_FALSE(may_have_orphans(pair_, {key("customer")})) << "the live table's own key sees to that";
    EXPECT_TRUE(may_have_orphans(pair_, {key("customer"), key("amount")}));
    auto added = key("customer");
    added.added = true;
    EXPECT_TRUE(may_have_orphans(pair_, {added}));
}

TEST_F(MayHaveOrphans, NotThroughAKeyThatOldRowsNeedNotMeetOrThatIsAnothers) {
    auto not_valid = key("amount");
    not_valid.validated = false;
    auto not_enforced = key("amount");
    not_enforced.enforced = false;
    auto of_another = key("amount");
    of_another.child = {"public", "items"};
    EXPECT_FALSE(may_have_orphans(pair_, {not_valid, not_enforced, of_another}));
}

TEST_F(MayHaveOrphans, WhenTheTableRefersToItselfByAColumnThatChanges) {
    auto own = key("customer");
    own.parent = pair_.live;
    own.parent_columns = {"amount"};
    EXPECT_TRUE(may_have_orphans(pair_, {own}));
}

}  // namespace
}  // namespace pgwraith::carry
