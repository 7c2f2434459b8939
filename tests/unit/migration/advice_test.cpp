// What a plan says to people of the steps and of what the application must be able to do.
#include "advice.h"

#include <gmock/gmock.h>

namespace pgwraith::migration {
namespace {

using online::Step;
using online::StepKind;
using plan::Part;
using plan::PartKind;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Step locked(const std::string& mode) {
    Step step{StepKind::locked, "a step"};
    step.locks = {{{"public", "t"}, mode}};
    return step;
}

Part part(PartKind kind, const std::string& column) {
    Part made;
    made.kind = kind;
    made.columns = {column};
    return made;
}

TEST(Advice, SaysThatReadersWaitWhereTheyDo) {
    const config::Settings settings;
    EXPECT_THAT(locks_of_steps({locked("ACCESS EXCLUSIVE")}, settings), HasSubstr("readers and writers wait once for"));
    EXPECT_THAT(locks_of_steps({locked("ACCESS EXCLUSIVE"), locked("ACCESS EXCLUSIVE")}, settings),
                HasSubstr("readers and writers wait 2 times for"));
    EXPECT_THAT(locks_of_steps({locked("SHARE ROW EXCLUSIVE")}, settings), HasSubstr("no reader waits"));
    EXPECT_THAT(locks_of_steps({Step{StepKind::validate, "find no NULL"}}, settings), HasSubstr("nothing is locked"));
}

TEST(Advice, AColumnThatIsAddedIsNobodysBusinessBefore) {
    const auto stands = advise({part(PartKind::set_not_null, "a")});
    EXPECT_THAT(stands.before, Contains(HasSubstr("no NULL into a")));
    const auto added = advise({part(PartKind::add_column, "a"), part(PartKind::set_not_null, "a")});
    EXPECT_THAT(added.before, IsEmpty());
    EXPECT_THAT(added.after, Contains(HasSubstr("an INSERT must say a")));
}

TEST(Advice, WhatIsSaidTwiceIsSaidOnce) {
    const auto advice = advise({part(PartKind::add_unique, "a"), part(PartKind::add_unique, "a")});
    EXPECT_EQ(advice.before.size(), 1U);
}

}  // namespace
}  // namespace pgwraith::migration
