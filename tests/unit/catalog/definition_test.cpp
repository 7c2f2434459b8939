#include "pgwraith/catalog/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dependents.h"
#include "table_builder.h"
#include "table_refusals.h"

namespace pgwraith::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Differences, EqualDefinitionsHaveNone) {
    const Definition one{{"column", "a", "#1 integer"}, {"owner", "", "x"}};
    EXPECT_THAT(differences(one, one), IsEmpty());
}

TEST(Differences, NameWhatAppearedWentAndChanged) {
    const Definition before{{"column", "a", "#1 integer"}, {"index", "i", "ON a"}, {"owner", "", "x"}};
    const Definition now{{"column", "a", "#1 bigint"}, {"owner", "", "x"}, {"view on the table", "view app.v", "q"}};
    EXPECT_THAT(differences(before, now), ElementsAre(R"(column a: "#1 integer" became "#1 bigint")", "index i is gone",
                                                      "view on the table view app.v appeared"));
}

TEST(Differences, FactWithoutAName) {
    EXPECT_THAT(differences({{"owner", "", "x"}}, {{"owner", "", "y"}}), ElementsAre(R"(owner: "x" became "y")"));
}

TEST(Differences, TwoFactsOfOneNameAreNotConfused) {
    const Definition before{{"function", "f", "one"}, {"function", "f", "two"}};
    const Definition now{{"function", "f", "one"}};
    EXPECT_THAT(differences(before, now), ElementsAre("function f is gone"));
}

TEST(Differences, LongTextsShowWhereTheyDiffer) {
    const std::string same(1000, 's');
    const std::vector<std::string> lines =
        differences({{"view", "v", same + "left" + same}}, {{"view", "v", same + "right" + same}});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], HasSubstr("sleft"));
    EXPECT_THAT(lines[0], HasSubstr("sright"));
    EXPECT_LT(lines[0].size(), 600U);
}

TEST(Differences, FactsTravelThroughJson) {
    const Definition facts{{"column", "ä\"", "#1 integer"}};
    EXPECT_EQ(nlohmann::json::parse(nlohmann::json(facts).dump()).get<Definition>(), facts);
}

TEST(Dependents, EveryOneThatIsNotCarriedIsRefusedByName) {
    const std::vector<Refusal> refusals = refuse_dependents(
        {{.kind = DependentKind::unknown, .catalog = 1, .oid = 2, .identity = "cast (a AS b)"},
         {.kind = DependentKind::subscription, .catalog = 1, .oid = 2, .identity = "subscription s"}});
    ASSERT_EQ(refusals.size(), 2U);
    EXPECT_THAT(refusals[0].reason, HasSubstr("cast (a AS b)"));
    EXPECT_THAT(refusals[1].reason, HasSubstr("subscription s"));
    EXPECT_FALSE(refusals[0].remedy.empty());
}

TEST(Dependents, TheKindsHaveNames) {
    EXPECT_EQ(dependent_kind("foreign_key_to"), DependentKind::foreign_key_to);
    EXPECT_STREQ(dependent_kind_name(DependentKind::foreign_key_to), "foreign key to the table");
    EXPECT_ANY_THROW(dependent_kind("something else"));
}

TEST(TableRefusals, AnOrdinaryTableHasNone) { EXPECT_THAT(table_refusals(testing::small_table()).refusals, IsEmpty()); }

TEST(TableRefusals, KindPersistenceAndAccessMethod) {
    Table table = testing::small_table();
    const auto reason = [&] {
        PreflightReport report = table_refusals(table);
        for (auto& refusal : check_copied(table).refusals) report.refusals.push_back(std::move(refusal));
        return report.refusals.size() == 1 ? report.refusals[0].reason : std::string{"not one refusal"};
    };
    table.kind = RelationKind::partitioned_table;
    EXPECT_THAT(reason(), HasSubstr("partitioned"));
    table.kind = RelationKind::table;
    table.persistence = Persistence::unlogged;
    EXPECT_THAT(reason(), HasSubstr("unlogged"));
    table.persistence = Persistence::temporary;
    EXPECT_THAT(reason(), HasSubstr("temporary"));
    table.persistence = Persistence::permanent;
    table.access_method = "columnar";
    EXPECT_THAT(reason(), HasSubstr("columnar"));
    table.access_method = "heap";
    table.system = true;
    EXPECT_THAT(reason(), HasSubstr("system"));
}

TEST(TableRefusals, AnInvalidIndexIsAWarning) {
    Table table = testing::small_table();
    table.indexes.push_back(testing::unique_index("broken", {3}));
    table.indexes.back().valid = false;
    const PreflightReport report = check_copied(table);
    EXPECT_THAT(report.refusals, IsEmpty());
    EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("broken")));
}

}  // namespace
}  // namespace pgwraith::catalog
