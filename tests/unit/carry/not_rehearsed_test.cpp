#include "pgwraith/carry/not_rehearsed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::carry {
namespace {

using catalog::ObjectGuard;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const QualifiedName live_table{"public", "t"};

SwapPlan swap() {
    SwapPlan plan;
    plan.statements = {"ALTER TABLE t SET SCHEMA x; CREATE OR REPLACE VIEW v AS SELECT 'DROP POLICY'",
                       "COMMENT ON TABLE t IS ''", "CREATE MATERIALIZED VIEW m AS SELECT 1"};
    return plan;
}

ObjectGuard asks(std::vector<std::string> tags) { return {{"guard", "public.guard"}, std::move(tags)}; }

TEST(NotRehearsed, WhoAsksForObjectsIsNamed) {
    EXPECT_THAT(not_rehearsed(swap(), live_table, {asks({})}),
                ElementsAre(AllOf(HasSubstr("event trigger guard (function public.guard)"),
                                  HasSubstr("\"public\".\"t\""), HasSubstr("ALTER EVENT TRIGGER guard DISABLE"))));
}

TEST(NotRehearsed, OnlyIfItFiresForWhatTheSwapDoes) {
    for (const char* tag : {"ALTER TABLE", "CREATE VIEW", "COMMENT", "CREATE MATERIALIZED VIEW"})
        EXPECT_EQ(not_rehearsed(swap(), live_table, {asks({"DROP TABLE", tag})}).size(), 1U) << tag;
    for (const char* tag : {"CREATE TABLE", "DROP POLICY", "CREATE EXTENSION"})
        EXPECT_THAT(not_rehearsed(swap(), live_table, {asks({tag})}), IsEmpty()) << tag;
}

}  // namespace
}  // namespace pgwraith::carry
