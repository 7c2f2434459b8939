#include "watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "after_commit.h"

namespace pgwraith::migration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string verdict(bool there, bool harms, bool preparing) {
    return against_publication({there, harms, "the index on a"}, {"app", "t"}, "pgwraith_7", preparing);
}

TEST(Publication, ThatIsThereAndDoesNoHarmMayStay) {
    EXPECT_THAT(verdict(true, false, false), IsEmpty());
    EXPECT_THAT(verdict(true, false, true), IsEmpty());
}

TEST(Publication, ThatIsGoneEndsTheMigrationUnlessItIsYetToBeMade) {
    EXPECT_THAT(verdict(false, false, false), HasSubstr("is gone"));
    EXPECT_THAT(verdict(false, false, true), IsEmpty());
}

TEST(Publication, ThatDoesHarmEndsTheMigrationAtAnyTime) {
    EXPECT_THAT(verdict(true, true, false), HasSubstr("the server refused its UPDATE and DELETE"));
    EXPECT_THAT(verdict(false, true, true), HasSubstr("is the index on a now")) << "it was altered and does harm";
}

TEST(AfterCommit, KnowsWhichStatementsKeepOthersWaiting) {
    EXPECT_TRUE(keeps_others_waiting(R"(ALTER TABLE "p" ADD CONSTRAINT "k" FOREIGN KEY …)"));
    EXPECT_TRUE(keeps_others_waiting(R"(REFRESH MATERIALIZED VIEW "app"."m")"));
    EXPECT_FALSE(keeps_others_waiting(R"(ALTER TABLE "app"."t" VALIDATE CONSTRAINT "k")"));
}

}  // namespace
}  // namespace pgwraith::migration
