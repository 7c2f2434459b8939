// The order of an expansion: columns and trigger at once, then old rows, then what the old columns have.
#include <gmock/gmock.h>

#include "pgwraith/online/plan_expansion.h"

namespace pgwraith::online {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ExpansionPlan plan_of_a_rename() {
    ExpansionPlan plan;
    plan.expansion.oid = 7;
    plan.expansion.table = {"app", "users"};
    plan.expansion.trigger = "zz_t";
    plan.expansion.function = "f";
    plan.expansion.columns.push_back(
        {"handle", "text", "", "username", {"username"}, {"username"}, {{"username", "text", {"handle"}}}});
    plan.expansion.old_columns = {"username"};
    plan.add_columns = {"ALTER TABLE …"};
    plan::Part fill;
    fill.kind = plan::PartKind::fill;
    fill.columns = {"handle"};
    fill.expression = "\"username\"";
    plan.fills = {fill};
    plan::Part index;
    index.kind = plan::PartKind::create_index;
    index.name = "pgwraith_7_1";
    index.clause = "ON app.users (handle)";
    plan::Part not_null;
    not_null.kind = plan::PartKind::set_not_null;
    not_null.columns = {"handle"};
    plan.parts = {index, not_null};
    return plan;
}

std::vector<Step> steps_of(const ExpansionPlan& plan, int version) {
    catalog::Table live;
    live.oid = 7;
    live.name = {"app", "users"};
    catalog::Column column;
    column.name = "username";
    live.columns = {column};
    return expand_steps(plan, live, version, {});
}

TEST(ExpandSteps, OldRowsAreFilledWhenTheTriggerStands) {
    const auto steps = steps_of(plan_of_a_rename(), 150000);
    std::vector<StepKind> kinds;
    for (const auto& step : steps) kinds.push_back(step.kind);
    EXPECT_THAT(kinds, ElementsAre(StepKind::locked, StepKind::fill, StepKind::create_index, StepKind::check,
                                   StepKind::locked, StepKind::validate, StepKind::locked, StepKind::analyze));
    EXPECT_THAT(steps[0].statements, ElementsAre("ALTER TABLE …", HasSubstr("CREATE FUNCTION"), HasSubstr("REVOKE"),
                                                 HasSubstr("CREATE TRIGGER"), HasSubstr("ENABLE ALWAYS")));
    EXPECT_THAT(steps[0].undo, ElementsAre(HasSubstr("DROP TRIGGER"), HasSubstr("DROP FUNCTION"),
                                           HasSubstr("DROP COLUMN IF EXISTS \"handle\"")));
    EXPECT_TRUE(steps[0].stops_readers());
    EXPECT_THAT(steps[1].statements, ElementsAre("SET pgwraith.filling = 'on'"));
    EXPECT_THAT(steps[1].fills, ElementsAre(FilledColumn{"handle", "\"username\""}));
}

TEST(ExpandSteps, AFillOfAColumnThatIsNewLeavesNothingToKeep) {
    for (const auto& step : steps_of(plan_of_a_rename(), 150000)) EXPECT_EQ(step.kept, "") << step.what;
}

}  // namespace
}  // namespace pgwraith::online
