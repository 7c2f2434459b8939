#include "carriers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/carry/orphans.h"
#include "pgwraith/shadow/attachments.h"

namespace pgwraith::carry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

catalog::Statistics statistics(const QualifiedName& name) {
    catalog::Statistics statistics;
    statistics.name = name;
    return statistics;
}

class CarriedStatistics : public ::testing::Test {
  protected:
    CarriedStatistics() {
        context_.live.oid = 7;
        context_.live.name = {"app", "t"};
        context_.old_schema = "old";
        context_.live.statistics = {statistics({"app", "s"})};
        context_.live.statistics[0].oid = 9;
        stand_in_ = shadow::stand_in_name(context_.live, context_.live.statistics[0]);
    }
    std::vector<std::string> statements(const catalog::Table& shadow) const {
        return statistics_statements(context_, shadow).after_move;
    }

    CarryContext context_;
    std::string stand_in_;
};

TEST_F(CarriedStatistics, TheOldOnesLeaveTheirNamesBeforeTheNewOnesTakeThem) {
    catalog::Table shadow;
    shadow.statistics = {statistics({"new", stand_in_})};
    const auto sql = statements(shadow);
    ASSERT_EQ(sql.size(), 4U);
    EXPECT_THAT(sql[0], HasSubstr(R"(ALTER STATISTICS "app"."s" RENAME TO)"));
    EXPECT_THAT(sql[1], HasSubstr(R"(SET SCHEMA "old")"));
    EXPECT_THAT(sql[2], HasSubstr(R"(ALTER STATISTICS "new".)"));
    EXPECT_THAT(sql[2], HasSubstr(R"(SET SCHEMA "app")"));
    EXPECT_THAT(sql[3], HasSubstr(R"(RENAME TO "s")"));
}

TEST_F(CarriedStatistics, ThoseThatTheChangeDropsGoWithTheOldTable) {
    const auto sql = statements({});
    ASSERT_EQ(sql.size(), 2U);
    EXPECT_THAT(sql[1], HasSubstr(R"(SET SCHEMA "old")"));
}

TEST_F(CarriedStatistics, ThoseThatTheChangeAddsComeToTheTablesSchema) {
    context_.live.statistics.clear();
    catalog::Table shadow;
    shadow.statistics = {statistics({"new", "added"})};
    EXPECT_THAT(statements(shadow), ElementsAre(R"(ALTER STATISTICS "new"."added" SET SCHEMA "app")"));
}

TEST_F(CarriedStatistics, AreAskedForInTheirOwnSchema) {
    context_.live.statistics[0].name.schema = "elsewhere";
    catalog::Table shadow;
    shadow.statistics = {statistics({"new", stand_in_})};
    EXPECT_THAT(statements(shadow)[2], HasSubstr(R"(SET SCHEMA "elsewhere")"));
}

TEST(RowSecurity, IsSaidInEitherDirection) {
    catalog::Table live;
    EXPECT_THAT(row_security_sql(live, "t"),
                ElementsAre("ALTER TABLE t DISABLE ROW LEVEL SECURITY", "ALTER TABLE t NO FORCE ROW LEVEL SECURITY"));
    live.row_security = live.force_row_security = true;
    EXPECT_THAT(row_security_sql(live, "t"),
                ElementsAre("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY"));
}

TEST(NewColumnName, FollowsTheColumn) {
    shadow::Pair pair;
    plan::MappedColumn renamed;
    renamed.name = "new";
    renamed.old_name = "old";
    plan::MappedColumn added;
    added.name = "old";  // a new column may take the name
    pair.mapping.columns = {added, renamed};
    EXPECT_EQ(new_column_name(pair, "old"), "new");
    EXPECT_EQ(new_column_name(pair, "dropped"), std::nullopt);
}

TEST(Lock, OfATableThatOurRoleMayNotLockHasNoStatement) {
    EXPECT_THAT(table_lock(Turn::before, {"app", "theirs"}, false).statement, IsEmpty());
    EXPECT_EQ(table_lock(Turn::before, {"app", "ours"}).statement,
              R"(LOCK TABLE "app"."ours" IN ACCESS EXCLUSIVE MODE)");
}

TEST(Lock, OfASequenceGivesItToItsOwner) {
    EXPECT_EQ(sequence_lock({"app", "s"}, "Own er").statement, R"(ALTER SEQUENCE "app"."s" OWNER TO "Own er")");
}

TEST(Carried, AddsUpKindByKind) {
    Carried all;
    all.before_move = {"a"};
    Carried more;
    more.before_move = {"b"};
    more.after_commit = {"c"};
    all.add(more);
    EXPECT_THAT(all.before_move, ElementsAre("a", "b"));
    EXPECT_THAT(all.after_commit, ElementsAre("c"));
}

KeyColumns two_columns() {
    KeyColumns key;
    key.child = {"app", "child"};
    key.parent = {"app", "t"};
    key.child_columns = {"a", "b"};
    key.parent_columns = {"x", "y"};
    return key;
}

TEST(Orphans, OfASimpleMatchHaveNoNull) {
    const auto sql = orphans_sql(two_columns());
    EXPECT_THAT(sql, HasSubstr(R"(FROM ONLY "app"."child" c WHERE (c."a" IS NOT NULL AND c."b" IS NOT NULL))"));
    EXPECT_THAT(sql, HasSubstr(R"(NOT EXISTS (SELECT FROM "app"."t" p WHERE p."x" = c."a" AND p."y" = c."b"))"));
}

TEST(Orphans, OfAFullMatchMayHaveSome) {
    auto key = two_columns();
    key.match_full = true;
    EXPECT_THAT(orphans_sql(key), HasSubstr(R"((c."a" IS NOT NULL OR c."b" IS NOT NULL))"))
        << "a part of a key is none";
}

TEST(Orphans, AreLookedForWhereTheRowsAre) {
    auto key = two_columns();
    key.child_rows = "(SELECT 1)";
    key.parent_rows = "(SELECT 2)";
    const auto sql = orphans_sql(key);
    EXPECT_THAT(sql, HasSubstr("FROM (SELECT 1) c"));
    EXPECT_THAT(sql, HasSubstr("FROM (SELECT 2) p"));
    EXPECT_THAT(sql, Not(HasSubstr("app")));
}

TEST(Orphans, AreLookedForAgainWhenTheKeyIsValidated) {
    EXPECT_EQ(validate_sql({"app", "child"}, "K y"), R"(ALTER TABLE "app"."child" VALIDATE CONSTRAINT "K y")");
}

}  // namespace
}  // namespace pgwraith::carry
