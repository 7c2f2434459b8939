#include "build_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

shadow::IndexPlan index(const std::string& name, const std::string& constraint_sql = "") {
    shadow::IndexPlan index;
    index.name = name;
    index.constraint_sql = constraint_sql;
    return index;
}

std::vector<std::string> names(const std::vector<const shadow::IndexPlan*>& indexes) {
    std::vector<std::string> names;
    for (const auto* index : indexes) names.push_back(index->name);
    return names;
}

TEST(BuildOrder, EndsWithTheIndexThatCatchingUpNeeds) {
    shadow::Blueprint blueprint;
    auto helper = index("helper");
    helper.helper = true;
    blueprint.indexes = {index("key", "ADD PRIMARY KEY"), helper, index("a"), index("b")};
    EXPECT_THAT(names(missing_indexes(blueprint, {})), ElementsAre("a", "b", "key", "helper")) << "taken from the back";
}

TEST(BuildOrder, LeavesOutWhatStands) {
    shadow::Blueprint blueprint;
    blueprint.indexes = {index("a"), index("b")};
    EXPECT_THAT(names(missing_indexes(blueprint, {"a", "another's"})), ElementsAre("b"));
    EXPECT_THAT(missing_indexes(blueprint, {"a", "b"}), IsEmpty());
}

TEST(ParallelWorkers, AreForWhenFewerIndexesAreLeftThanWorkers) {
    config::Build settings;
    settings.workers = 2;
    settings.parallel_workers = 3;
    EXPECT_EQ(parallel_workers(settings, 1, 4), 0);
    EXPECT_EQ(parallel_workers(settings, 2, 0), 0) << "both are at work";
    EXPECT_EQ(parallel_workers(settings, 1, 0), 3) << "the last one";
}

TEST(ParallelWorkers, AreAlwaysThereForASingleWorker) {
    config::Build settings;
    settings.workers = 1;
    settings.parallel_workers = 3;
    EXPECT_EQ(parallel_workers(settings, 1, 9), 3);
}

TEST(ConstraintsSql, PromotesIndexesOnceAndRepeatsWhatDoesNoHarm) {
    shadow::Blueprint blueprint;
    blueprint.indexes = {index("key", "ADD key"), index("unique", "ADD unique"), index("plain")};
    blueprint.indexes[0].after_sql = {"COMMENT key"};
    blueprint.indexes[2].after_sql = {"CLUSTER plain"};
    EXPECT_EQ(constraints_sql(blueprint, {"key"}), "BEGIN;COMMENT key;ADD unique;CLUSTER plain;COMMIT");
}

TEST(MissingConstraints, AreKnownByTheirNames) {
    shadow::Blueprint blueprint;
    blueprint.after_build_sql = {R"(ALTER TABLE "s"."t" ADD CONSTRAINT "e" EXCLUDE …)",
                                 R"(ALTER TABLE "s"."t" ADD CONSTRAINT "e2" EXCLUDE …)"};
    EXPECT_THAT(missing_constraints(blueprint, {"e"}), ElementsAre(blueprint.after_build_sql[1]));
    EXPECT_THAT(missing_constraints(blueprint, {"e", "e2"}), IsEmpty());
}

}  // namespace
}  // namespace pgwraith::transfer
