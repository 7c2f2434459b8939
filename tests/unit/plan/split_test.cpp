#include "pgwraith/plan/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Split, WhereStatementsEnd) {
    EXPECT_THAT(statements_of("GRANT SELECT ON a TO b;  COMMENT ON TABLE a IS 'x; y'; "),
                ElementsAre("GRANT SELECT ON a TO b", "COMMENT ON TABLE a IS 'x; y'"));
    const std::string function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END";
    EXPECT_THAT(statements_of(function + "; SELECT 3"), ElementsAre(function, "SELECT 3"));
    EXPECT_THAT(statements_of(""), IsEmpty());
    EXPECT_THAT(statements_of("NOT SQL; AT ALL"), ElementsAre("NOT SQL; AT ALL"));
}

}  // namespace
}  // namespace pgwraith::plan
