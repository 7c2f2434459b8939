#include "lay_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::carry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// app.t (id), whose shadow is pgwraith_new_7.t.
CarryContext context() {
    CarryContext context;
    context.live.oid = 7;
    context.live.name = {"app", "t"};
    context.pair.live_oid = 7;
    context.pair.live = context.live.name;
    context.pair.shadow = {"pgwraith_new_7", "t"};
    context.old_schema = "pgwraith_old_7";
    return context;
}

catalog::Constraint constraint(const std::string& name, bool validated) {
    catalog::Constraint constraint;
    constraint.name = name;
    constraint.validated = validated;
    return constraint;
}

std::vector<std::string> names(const std::vector<Lock>& locks) {
    std::vector<std::string> names;
    for (const auto& lock : locks) names.push_back(lock.name.name);
    return names;
}

TEST(LayOut, TheTablesMoveBetweenWhatNeedsTheOldNameAndWhatNeedsTheNew) {
    Carried carried;
    carried.before_move = {"before"};
    carried.after_move = {"after"};
    const auto plan = lay_out(carried, context(), {});
    EXPECT_THAT(plan.statements, ElementsAre("before", R"(ALTER TABLE "app"."t" SET SCHEMA "pgwraith_old_7")",
                                             R"(ALTER TABLE "pgwraith_new_7"."t" RENAME TO "pgwraith_7")",
                                             R"(ALTER TABLE "pgwraith_new_7"."pgwraith_7" SET SCHEMA "app")",
                                             R"(ALTER TABLE "app"."pgwraith_7" RENAME TO "t")", "after"));
}

TEST(LayOut, TheShadowIsCompleteBeforeAnythingMoves) {
    shadow::Blueprint blueprint;
    blueprint.indexes.resize(2);
    blueprint.indexes[0].name = "kept";
    blueprint.indexes[1].name = "helper";
    blueprint.indexes[1].helper = true;
    blueprint.at_swap_sql = {"at swap"};
    blueprint.untouched_checks = {{"c", {"add c"}, true}, {"d", {"add d"}, false}};
    Carried carried;
    carried.before_move = {"before"};
    auto statements = lay_out(carried, context(), blueprint).statements;
    statements.resize(4);
    EXPECT_THAT(statements, ElementsAre(R"(DROP INDEX "pgwraith_new_7"."helper")", "at swap", "add c", "before"))
        << "a check that stands on the shadow is not added again";
}

TEST(LayOut, ApplicationsOrderIsTheOrderOfTheLocks) {
    Carried carried;
    carried.locks = {
        table_lock(Turn::after_live, {"app", "child"}),     table_lock(Turn::before, {"app", "parent_b"}),
        table_lock(Turn::before, {"app", "parent_a"}),      Lock{Turn::view, "view", {"app", "outer"}, "", ""},
        Lock{Turn::view, "view", {"app", "inner"}, "", ""}, sequence_lock({"app", "t_id_seq"}, "me")};
    const auto plan = lay_out(carried, context(), {});
    EXPECT_THAT(names(plan.locks), ElementsAre("t_id_seq", "outer", "inner", "parent_a", "parent_b", "t", "child", "t"))
        << "tables by name; views as they came, which is the outermost first; then the table and the shadow";
    EXPECT_EQ(plan.locks[5].statement, R"(LOCK TABLE ONLY "app"."t" IN ACCESS EXCLUSIVE MODE)");
}

TEST(LayOut, ARelationIsLockedOnceAtItsFirstTurn) {
    Carried carried;
    carried.locks = {table_lock(Turn::after_live, {"app", "both"}), table_lock(Turn::before, {"app", "both"}),
                     table_lock(Turn::after_live, {"app", "t"})};
    EXPECT_THAT(names(lay_out(carried, context(), {}).locks), ElementsAre("both", "t", "t")) << "live table and shadow";
}

TEST(LayOut, WhatFollowsTheCommitFollowsIt) {
    Carried carried;
    carried.after_commit = {"VALIDATE …"};
    EXPECT_THAT(lay_out(carried, context(), {}).after_commit, ElementsAre("VALIDATE …"));
}

TEST(LayOut, AConstraintThatWasValidatedMeanwhileIsValidatedAfterTheSwap) {
    auto with_checks = context();
    with_checks.live.constraints = {constraint("validated", true), constraint("still_not", false)};
    shadow::Blueprint blueprint;
    blueprint.renamed_constraints = {{"validated", "now"}};
    blueprint.at_swap_sql = {R"(ALTER TABLE "pgwraith_new_7"."t" ADD CONSTRAINT "now" CHECK (true) NOT VALID)",
                             R"(ALTER TABLE "pgwraith_new_7"."t" ADD CONSTRAINT "still_not" CHECK (true) NOT VALID)"};
    EXPECT_THAT(lay_out({}, with_checks, blueprint).after_commit,
                ElementsAre(R"(ALTER TABLE "app"."t" VALIDATE CONSTRAINT "now")"));
}

TEST(LayOut, AConstraintThatDoesNotComeWithTheSwapIsNotValidatedAgain) {
    auto with_check = context();
    with_check.live.constraints = {constraint("c", true)};
    EXPECT_THAT(lay_out({}, with_check, {}).after_commit, IsEmpty());
}

TEST(AddedAtSwap, AreForeignKeysOfTheTableNotValidConstraintsAndChecksSetAside) {
    auto with_check = context();
    with_check.live.constraints = {constraint("not_valid", false), constraint("on_the_shadow", true)};
    shadow::Blueprint blueprint;
    blueprint.foreign_keys.resize(2);
    blueprint.foreign_keys[0].name = "own";
    blueprint.foreign_keys[0].child = {"app", "t"};
    blueprint.foreign_keys[1].name = "of_another";
    blueprint.foreign_keys[1].child = {"app", "child"};
    blueprint.at_swap_sql = {R"(ALTER TABLE "x"."t" ADD CONSTRAINT "not_valid" CHECK (true) NOT VALID)"};
    blueprint.untouched_checks = {{"aside", {}, true}, {"stands", {}, false}};
    EXPECT_THAT(added_at_swap(with_check, blueprint), UnorderedElementsAre("own", "not_valid", "aside"));
}

}  // namespace
}  // namespace pgwraith::carry
