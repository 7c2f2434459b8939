#include "after_commit.h"

#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

TEST(AfterCommit, KnowsWhatOthersWaitFor) {
    const std::string add = "ALTER TABLE \"app\".\"c\" ADD CONSTRAINT \"fk\" FOREIGN KEY (a) REFERENCES \"app\".\"t\"";
    const std::string validate = "ALTER TABLE \"app\".\"c\" VALIDATE CONSTRAINT \"fk\"";
    const std::string refresh = "REFRESH MATERIALIZED VIEW \"app\".\"m\"";
    EXPECT_TRUE(adds_constraint(add));
    EXPECT_FALSE(adds_constraint(validate));
    EXPECT_TRUE(keeps_others_waiting(add));
    EXPECT_TRUE(keeps_others_waiting(refresh));
    EXPECT_FALSE(keeps_others_waiting(validate)) << "it stops no reader or writer";
}

}  // namespace
}  // namespace pgwraith::migration
