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

catalog::Table table_of(double rows, std::uint64_t mib) {
    catalog::Table table;
    table.row_estimate = rows;
    table.heap_bytes = mib * 1024 * 1024;
    return table;
}

TEST(TimeOfSteps, GrowsWithWhatIsReadAndWritten) {
    EXPECT_EQ(time_of_steps({locked("ACCESS EXCLUSIVE")}, table_of(1e9, 100'000)), "a moment")
        << "the catalog only, however big the table is";
    EXPECT_EQ(time_of_steps({Step{StepKind::validate, "v"}}, table_of(1e6, 3'000)), "about 10 s");
    EXPECT_EQ(time_of_steps({Step{StepKind::create_index, "i"}}, table_of(1e6, 6'000)), "about 2 min");
    EXPECT_EQ(time_of_steps({Step{StepKind::fill, "f"}}, table_of(9e8, 100), 36'000), "about 10.0 h");
}

TEST(TimeOfSteps, OfAnExpansionHasTheComparisonToo) {
    EXPECT_EQ(time_of_expansion({}, table_of(1e6, 3'000)), "about 20 s");
    EXPECT_EQ(time_of_expansion({Step{StepKind::fill, "f"}}, table_of(1e6, 3'000)), "about 2 min");
}

TEST(TimeOfSteps, OfAShadowHasTheVerificationOrNot) {
    config::Settings settings;
    EXPECT_EQ(time_of_shadow(table_of(1e6, 9'000), settings), "about 2 min");
    settings.verify = config::Verify::off;
    EXPECT_EQ(time_of_shadow(table_of(1e6, 3'600), settings), "about 35 s");
}

TEST(Advice, SaysWhatTheApplicationMustDoBefore) {
    EXPECT_THAT(advise({part(PartKind::drop_column, "a")}).before, Contains(HasSubstr("read and write a no more")));
    EXPECT_THAT(advise({part(PartKind::alter_type, "a")}).before, Contains(HasSubstr("a in either type")));
    auto rename = part(PartKind::rename_column, "a");
    rename.new_name = "b";
    EXPECT_THAT(advise({rename}).before, Contains(HasSubstr("b only")));
    EXPECT_THAT(advise({part(PartKind::add_column, "a")}).after, Contains(HasSubstr("SELECT * gives a as well")));
}

TEST(UpdateOf, NamesEachColumnWithItsExpression) {
    Step step{StepKind::fill, "fill"};
    step.fills = {{"a", "b + 1"}, {"Mixed", "now()"}};
    EXPECT_EQ(update_of(step), "UPDATE … SET \"a\" = b + 1, \"Mixed\" = now() … in chunks");
}

}  // namespace
}  // namespace pgwraith::migration
