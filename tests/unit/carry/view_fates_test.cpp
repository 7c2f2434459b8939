#include "view_fates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::carry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ViewNode node(NodeKind kind, Oid oid, std::set<Oid> on) {
    ViewNode node;
    node.kind = kind;
    node.oid = oid;
    node.name = {"app", fmt::format("n{}", oid)};
    node.direct = on.empty();
    node.on = std::move(on);
    return node;
}

ViewNode view(Oid oid, std::set<Oid> on = {}) { return node(NodeKind::view, oid, std::move(on)); }
ViewNode materialized(Oid oid, std::set<Oid> on = {}) { return node(NodeKind::materialized_view, oid, std::move(on)); }
ViewNode function(Oid oid, std::set<Oid> on = {}) { return node(NodeKind::function, oid, std::move(on)); }

std::vector<Way> ways(const std::vector<ViewNode>& nodes, const ColumnChanges& changes = {},
                      const config::Dependents& dependents = {}) {
    const auto fates = fates_of(nodes, changes, dependents);
    std::vector<Way> ways;
    for (const auto& node : nodes) ways.push_back(fates.at(node.oid).way);
    return ways;
}

TEST(Fates, AViewOnTheTableIsReplacedAndItsOwnViewsStay) {
    EXPECT_THAT(ways({view(1), view(2, {1})}), ElementsAre(Way::replace, Way::leave));
}

TEST(Fates, AViewWhoseColumnsTypesChangeIsRecreatedWithAllThatReferToIt) {
    auto changed = view(1);
    changed.columns = {3};
    auto other = view(4);
    other.columns = {1};
    const ColumnChanges changes{{}, {}, {3}};
    EXPECT_THAT(ways({changed, view(2, {1}), function(3, {2}), other}, changes),
                ElementsAre(Way::recreate, Way::recreate, Way::recreate, Way::replace));
}

TEST(Fates, AViewWithAGivenDefinitionIsRecreated) {
    config::Dependents dependents;
    dependents.views["app.n1"] = "SELECT 1;\n ";
    const auto fates = fates_of({view(1)}, {}, dependents);
    EXPECT_EQ(fates.at(1).way, Way::recreate);
    EXPECT_EQ(fates.at(1).given, "SELECT 1") << "AS takes no semicolon";
}

TEST(Fates, AGivenDefinitionIsNoFunctions) {
    config::Dependents dependents;
    dependents.views["app.n1"] = "SELECT 1";
    EXPECT_THAT(ways({function(1)}, {}, dependents), ElementsAre(Way::replace));
}

TEST(Fates, AMaterializedViewCannotBeReplaced) {
    EXPECT_THAT(ways({materialized(1), view(2), materialized(3, {2})}),
                ElementsAre(Way::recreate, Way::replace, Way::leave))
        << "one on a view that stays is not touched";
}

TEST(Fates, WhatTakesTheRowTypeIsBoundToTheOldOne) {
    auto rows = function(1);
    rows.row_type = true;
    auto shows_rows = view(2);
    shows_rows.row_type = true;
    EXPECT_THAT(ways({rows, shows_rows, view(3, {1}), function(4, {1})}),
                ElementsAre(Way::renew, Way::recreate, Way::replace, Way::replace));
}

TEST(Fates, AFunctionOfTheRowsOnARecreatedViewCannotStayBeside) {
    auto changed = view(1);
    changed.columns = {3};
    auto rows = function(2, {1});
    rows.row_type = true;
    auto alone = function(3);
    alone.row_type = true;
    const auto fates = fates_of({changed, rows, alone}, {{}, {}, {3}}, {});
    EXPECT_EQ(fates.at(2).way, Way::renew);
    EXPECT_TRUE(fates.at(2).drop);
    EXPECT_FALSE(fates.at(3).drop);
}

catalog::Column column(int attnum, const std::string& name, const std::string& type) {
    catalog::Column column;
    column.attnum = attnum;
    column.name = name;
    column.type_sql = type;
    return column;
}

plan::MappedColumn mapped(const std::string& name, std::optional<std::string> old_name) {
    plan::MappedColumn column;
    column.name = name;
    column.old_name = std::move(old_name);
    return column;
}

TEST(ColumnChanges, AreByTheNumbersOfTheOldTable) {
    catalog::Table live;
    live.columns = {column(1, "same", "integer"), column(2, "wide", "integer"), column(4, "old", "text"),
                    column(5, "gone", "text"), column(6, "sorted", "text")};
    catalog::Table shadow;
    shadow.columns = {column(1, "same", "integer"), column(2, "wide", "bigint"), column(3, "new", "text"),
                      column(4, "sorted", "text"), column(5, "added", "text")};
    shadow.columns[3].collation_sql = R"("C")";
    plan::Mapping mapping;
    mapping.columns = {mapped("same", "same"), mapped("wide", "wide"), mapped("new", "old"), mapped("sorted", "sorted"),
                       mapped("added", std::nullopt)};
    const auto changes = changes_of(live, shadow, mapping);
    EXPECT_THAT(changes.gone, ElementsAre(5));
    EXPECT_THAT(changes.renamed, ElementsAre(4));
    EXPECT_THAT(changes.retyped, ElementsAre(2, 6)) << "type or collation";
}

TEST(RenameSql, ExchangesNamesByWayOfOthers) {
    plan::Mapping mapping;
    mapping.columns = {mapped("b", "a"), mapped("a", "b"), mapped("c", "c")};
    EXPECT_TRUE(renames(mapping));
    EXPECT_EQ(rename_sql({"s", "t"}, mapping), R"(ALTER TABLE "s"."t" RENAME COLUMN "a" TO "pgwraith_1"; )"
                                               R"(ALTER TABLE "s"."t" RENAME COLUMN "b" TO "pgwraith_2"; )"
                                               R"(ALTER TABLE "s"."t" RENAME COLUMN "pgwraith_1" TO "b"; )"
                                               R"(ALTER TABLE "s"."t" RENAME COLUMN "pgwraith_2" TO "a"; )");
}

TEST(RenameSql, TakesDroppedColumnsNamesOutOfTheWay) {
    plan::Mapping mapping;
    mapping.columns = {mapped("a", "b")};
    mapping.dropped = {"a"};
    EXPECT_EQ(rename_sql({"s", "t"}, mapping), R"(ALTER TABLE "s"."t" RENAME COLUMN "a" TO "pgwraith_1"; )"
                                               R"(ALTER TABLE "s"."t" RENAME COLUMN "b" TO "pgwraith_2"; )"
                                               R"(ALTER TABLE "s"."t" RENAME COLUMN "pgwraith_2" TO "a"; )");
}

TEST(RenameSql, IsNothingWhereNamesStay) {
    plan::Mapping mapping;
    mapping.columns = {mapped("a", "a"), mapped("new", std::nullopt)};
    EXPECT_FALSE(renames(mapping));
    EXPECT_THAT(rename_sql({"s", "t"}, mapping), IsEmpty());
}

TEST(CreateViewSql, SaysWhatTheFateAsksFor) {
    auto plain = view(1);
    plain.head = " WITH (security_barrier='true')";
    EXPECT_EQ(create_view_sql(plain, {Way::replace}, {"app", "v"}, "SELECT 1"),
              R"(CREATE OR REPLACE VIEW "app"."v" WITH (security_barrier='true') AS SELECT 1)");
    EXPECT_EQ(create_view_sql(plain, {Way::recreate}, {"app", "v"}, "SELECT 1"),
              R"(CREATE VIEW "app"."v" WITH (security_barrier='true') AS SELECT 1)");
    auto stored = materialized(2);
    stored.tail = " WITH NO DATA";
    EXPECT_EQ(create_view_sql(stored, {Way::recreate}, {"app", "m"}, "SELECT 1"),
              R"(CREATE MATERIALIZED VIEW "app"."m" AS SELECT 1 WITH NO DATA)");
}

}  // namespace
}  // namespace pgwraith::carry
