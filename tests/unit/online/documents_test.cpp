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
        "fills":[]}]})"));
    EXPECT_EQ(json(list).get<StepList>().steps, list.steps);
    step.in_rehearsal = InRehearsal::tried;
    step.why = "it binds";
    EXPECT_EQ(json(step).at("in_rehearsal"), "tried");
    EXPECT_EQ(json(step).get<Step>(), step);
    const StepStates states{{{StepState::begun, 7}, {StepState::undoing, 8}}};
    EXPECT_EQ(json(states), json::parse(R"({"states":[{"state":"begun","xid":7},{"state":"undoing","xid":8}]})"));
    EXPECT_EQ(json(states).get<StepStates>().states, states.states);
    const TakingBack back{{"column a is dropped"}};
    EXPECT_EQ(json(back), json::parse(R"({"kept":["column a is dropped"]})"));
    EXPECT_EQ(json(back).get<TakingBack>().kept, back.kept);
    EXPECT_STREQ(store::document_name<TakingBack>, "taking_back");
    EXPECT_STREQ(store::document_name<StepList>, "steps");
    EXPECT_STREQ(store::document_name<StepStates>, "step_states");
}

TEST(StepDocuments, OfAFillKeepItsColumnsApart) {
    Step step{StepKind::fill, "fill a, b"};
    step.fills = {{"a", "n * 2"}, {"b", "x + 1"}};
    const auto written = json(step);
    EXPECT_EQ(written.at("fills"),
              json::parse(R"([{"column":"a","expression":"n * 2"},{"column":"b","expression":"x + 1"
}])"));
    EXPECT_EQ(written.get<Step>(), step);
    const FillState state{{{"a", 1, 2, 3}}, 4, 5, 6, 7};
    EXPECT_EQ(json(state), json::parse(R"({"columns":[{"column":"a","filled":1,"had_value":2,"empty":3}],"pass":4,
        "blocks":5,"rows":6,"began":7})"));
    EXPECT_EQ(json(state).get<FillState>(), state);
    EXPECT_STREQ(store::document_name<FillState>, "fill");
}

TEST(StepDocuments, OfAnotherVersionAreRefused) {
    const auto unknown = json::parse(R"({"states":[{"state":"dreamt","xid":0}]})");
    EXPECT_THROW(unknown.get<StepStates>(), Error);
}

}  // namespace
}  // namespace pgwraith::online
