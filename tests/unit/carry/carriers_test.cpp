#include "carriers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/carry/orphans.h"

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
        add({"app", "s"}, 9);
    }
    void add(const QualifiedName& name, Oid oid) {
        context_.live.statistics.push_back(statistics(name));
        context_.live.statistics.back().oid = oid;
    }
    std::vector<std::string> statements(const std::vector<std::string>& made) const {
        catalog::Table shadow;
        for (const auto& name : made) shadow.statistics.push_back(statistics({"new", name}));
        return statistics_statements(context_, shadow).after_move;
    }

    CarryContext context_;
};

TEST_F(CarriedStatistics, TheOldOnesLeaveBeforeTheNewOnesCome) {
    EXPECT_THAT(statements({"s"}), ElementsAre(R"(ALTER STATISTICS "app"."s" SET SCHEMA "old")",
                                               R"(ALTER STATISTICS "new"."s" SET SCHEMA "app")"));
}

TEST_F(CarriedStatistics, OfOneNameInTwoSchemasMeetUnderOtherNames) {
    add({"elsewhere", "s"}, 10);
    EXPECT_THAT(statements({"pgwraith_9", "pgwraith_10"}),
                ElementsAre(R"(ALTER STATISTICS "app"."s" RENAME TO "pgwraith_9")",
                            R"(ALTER STATISTICS "app"."pgwraith_9" SET SCHEMA "old")",
                            R"(ALTER STATISTICS "new"."pgwraith_9" SET SCHEMA "app")",
                            R"(ALTER STATISTICS "app"."pgwraith_9" RENAME TO "s")",
                            R"(ALTER STATISTICS "elsewhere"."s" RENAME TO "pgwraith_10")",
                            R"(ALTER STATISTICS "elsewhere"."pgwraith_10" SET SCHEMA "old")",
                            R"(ALTER STATISTICS "new"."pgwraith_10" SET SCHEMA "elsewhere")",
                            R"(ALTER STATISTICS "elsewhere"."pgwraith_10" RENAME TO "s")"));
}

TEST_F(CarriedStatistics, ThoseThatTheChangeDropsGoWithTheOldTable) {
    EXPECT_THAT(statements({}), ElementsAre(R"(ALTER STATISTICS "app"."s" SET SCHEMA "old")"));
}

TEST_F(CarriedStatistics, ThoseThatTheChangeAddsComeToTheTablesSchema) {
    context_.live.statistics.clear();
    EXPECT_THAT(statements({"added"}), ElementsAre(R"(ALTER STATISTICS "new"."added" SET SCHEMA "app")"));
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
