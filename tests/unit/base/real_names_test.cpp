#include "pgwraith/base/real_names.h"

#include <gtest/gtest.h>

namespace pgwraith {
namespace {

TEST(RealNames, StandWhereOursStood) {
    const RealNames names{{"pgwraith_fk_16400", "customers"}, {"pgwraith_new_16387", "app"}};
    EXPECT_EQ(with_real_names(R"(no unique constraint for referenced table "pgwraith_fk_16400")", names),
              R"(no unique constraint for referenced table "customers")");
    EXPECT_EQ(with_real_names("pgwraith_new_16387.pgwraith_fk_16400, pgwraith_fk_16400", names),
              "app.customers, customers");
}

TEST(RealNames, LongerNamesAreOthers) {
    const RealNames names{{"pgwraith_fk_1", "t"}};
    for (const char* text : {"pgwraith_fk_16", "my_pgwraith_fk_1", "pgwraith_fk_1_x", "pgwraith_fk_1é", ""}) {
        EXPECT_EQ(with_real_names(text, names), text);
    }
}

TEST(RealNames, ARealNameMayContainOurs) {
    EXPECT_EQ(with_real_names("pgwraith_fk_1 pgwraith_fk_1", {{"pgwraith_fk_1", "not pgwraith_fk_1"}}),
              "not pgwraith_fk_1 not pgwraith_fk_1");
}

}  // namespace
}  // namespace pgwraith
