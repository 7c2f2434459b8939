// What the journal holds on disk, to the letter: a renamed member would make a state directory unreadable.
#include "pgwraith/online/documents.h"

#include <gtest/gtest.h>

namespace pgwraith::online {
namespace {

using nlohmann::json;

TEST(StepDocuments, AreOnDiskAsTheyWere) {
    Step step{StepKind::locked, "ADD COLUMN a", {"ALTER …"}, {"DROP …"}, "", {{{"public", "t"}, "ACCESS EXCLUSIVE"}}};
    const StepList list{{step}};
    EXPECT_EQ(json(list), json::parse(R"({"steps":[{"kind":"locked","what":"ADD COLUMN a","statements":["ALTER …"],
        "undo":["DROP …"],"kept":"","locks":[{"schema":"public","table":"t","mode":"ACCESS EXCLUSIVE"}],"index":"",
        "column":"","expression":""}]})"));
    EXPECT_EQ(json(list).get<StepList>().steps, list.steps);
    step.in_rehearsal = InRehearsal::tried;
    step.why = "it binds";
    EXPECT_EQ(json(step).at("in_rehearsal"), "tried");
    EXPECT_EQ(json(step).get<Step>(), step);
    const StepStates states{{{StepState::begun, 7}, {StepState::undoing, 8}}};
    EXPECT_EQ(json(states), json::parse(R"({"states":[{"state":"begun","xid":7},{"state":"undoing","xid":8}]})"));
    EXPECT_EQ(json(states).get<StepStates>().states, states.states);
    EXPECT_STREQ(store::document_name<StepList>, "steps");
    EXPECT_STREQ(store::document_name<StepStates>, "step_states");
}

TEST(StepDocuments, OfAnotherVersionAreRefused) {
    const auto unknown = json::parse(R"({"states":[{"state":"dreamt","xid":0}]})");
    EXPECT_THROW(unknown.get<StepStates>(), Error);
}

}  // namespace
}  // namespace pgwraith::online
