#include <gmock/gmock.h>

#include "pgwraith/online/recipes.h"

namespace pgwraith::online {
namespace {

using plan::Part;
using plan::PartKind;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Recipes : public testing::Test {
  protected:
    Recipes() {
        live.oid = 16390;
        live.name = {"public", "t"};
        catalog::Column id;
        id.attnum = 1;
        id.name = "id";
        id.not_null = true;
        catalog::Column a;
        a.attnum = 2;
        a.name = "a";
        a.default_sql = "7";
        live.columns = {id, a};
        catalog::Index key;
        key.name = "t_pkey";
        key.primary = true;
        key.key_attnums = {1};
        live.indexes = {key};
        facts.relations = {"t", "t_pkey"};
        facts.constraints = {"t_pkey"};
    }

    Part part(PartKind kind, std::vector<std::string> columns, const std::string& sql = "ALTER …") {
        Part one;
        one.kind = kind;
        one.sql = sql;
        one.summary = sql;
        one.columns = std::move(columns);
        return one;
    }

    std::vector<Step> make(std::vector<Part> parts, std::vector<std::string> names = {}, int version = 150000,
                           bool rehearsal = false) {
        names.resize(parts.size());
        std::vector<plan::WayOfPart> ways(parts.size());
        for (auto& way : ways) way = {plan::Way::online, "", "ACCESS EXCLUSIVE, for an instant"};
        plan::ServerSays says;
        says.names = std::move(names);
        return make_steps(parts, ways, says, live, version, facts, rehearsal);
    }

    std::vector<Step> make_with(plan::Way way, std::vector<Part> parts) {
        std::vector<plan::WayOfPart> ways(parts.size(), plan::WayOfPart{way, "", "ACCESS EXCLUSIVE, for an instant"});
        plan::ServerSays says;
        says.names.resize(parts.size());
        return make_steps(parts, ways, says, live, 150000, facts, false);
    }

    std::vector<Step> rehearse(std::vector<Part> parts, int version = 150000) {
        return make(std::move(parts), {}, version, true);
    }

    std::vector<InRehearsal> become(const std::vector<Step>& steps) {
        std::vector<InRehearsal> all;
        for (const auto& step : steps) all.push_back(step.in_rehearsal);
        return all;
    }

    std::vector<StepKind> kinds(const std::vector<Step>& steps) {
        std::vector<StepKind> all;
        for (const auto& step : steps) all.push_back(step.kind);
        return all;
    }

    catalog::Table live;
    Facts facts;
};

TEST_F(Recipes, InstantPartsTakeEffectTogetherAndAreTakenBackTheLastFirst) {
    auto rename = part(PartKind::rename_column, {"a"}, "RENAME a");
    rename.new_name = "b";
    const auto steps = make({part(PartKind::add_column, {"c"}, "ADD c"), rename});
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_THAT(steps[0].statements, ElementsAre("ADD c", "RENAME a"));
    EXPECT_THAT(steps[0].undo, ElementsAre(R"(ALTER TABLE "public"."t" RENAME COLUMN "b" TO "a")",
                                           R"(ALTER TABLE ONLY "public"."t" DROP COLUMN IF EXISTS "c")"));
    EXPECT_TRUE(steps[0].stops_readers());
}

TEST_F(Recipes, ADefaultIsTakenBackToWhatItWas) {
    const auto steps = make({part(PartKind::drop_default, {"a"})});
    EXPECT_THAT(steps[0].undo, ElementsAre(R"(ALTER TABLE ONLY "public"."t" ALTER COLUMN "a" SET DEFAULT 7)"));
}

TEST_F(Recipes, ADefaultIsTakenBackWhateverElseBecomesOfItsColumn) {
    auto rename = part(PartKind::rename_column, {"a"});
    rename.new_name = "b";
    auto fill = part(PartKind::fill, {"a"});
    fill.expression = "1";
    fill.standing = true;
    const auto steps = make({part(PartKind::drop_not_null, {"a"}), fill, rename, part(PartKind::set_default, {"b"})});
    EXPECT_THAT(steps.back().undo.front(), R"(ALTER TABLE ONLY "public"."t" ALTER COLUMN "b" SET DEFAULT 7)");
}

TEST_F(Recipes, RowsAreLookedAtBeforeADefaultOfNewOnesIsSet) {
    const auto steps = make({part(PartKind::set_default, {"a"}), part(PartKind::set_not_null, {"a"})});
    EXPECT_EQ(steps.front().kind, StepKind::check);
}

TEST_F(Recipes, WhatIsAboutAnIndexOrASequenceLocksTheTableNoMoreThanThat) {
    const auto mode = [&](const std::string& lock) {
        plan::ServerSays says;
        says.names = {""};
        const std::vector<plan::WayOfPart> ways{{plan::Way::instant, "", lock}};
        return make_steps({part(PartKind::comment, {})}, ways, says, live, 150000, facts).at(0).locks.at(0).mode;
    };
    EXPECT_EQ(mode("none: a lock on what it is about, for an instant"), "SHARE UPDATE EXCLUSIVE");
    EXPECT_EQ(mode("none: SHARE ROW EXCLUSIVE on the sequence, for an instant"), "SHARE ROW EXCLUSIVE");
    EXPECT_EQ(mode("none: ACCESS EXCLUSIVE at most on the index, for an instant"), "ACCESS EXCLUSIVE");
    EXPECT_EQ(mode("ACCESS EXCLUSIVE, for an instant"), "ACCESS EXCLUSIVE");
}

TEST_F(Recipes, WhatIsDroppedIsSaid) {
    const auto steps = make({part(PartKind::drop_column, {"a"})});
    EXPECT_THAT(steps[0].kept, HasSubstr("values are gone"));
    EXPECT_TRUE(steps[0].undo.empty());
}

TEST_F(Recipes, NothingIsTakenBackOfWhatIfNotExistsPassesOver) {
    auto add = part(PartKind::add_column, {"a"});
    add.if_exists = true;
    EXPECT_TRUE(make({add}).empty());
}

TEST_F(Recipes, NotNullIsProvenByACheckOfOursBefore18) {
    const auto steps = make({part(PartKind::set_not_null, {"a"})});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::locked, StepKind::validate, StepKind::locked));
    EXPECT_THAT(steps[0].statements[0], HasSubstr(R"("t"."a" IS NOT DISTINCT FROM NULL)"));
    EXPECT_THAT(steps[1].statements[0], HasSubstr(R"(CHECK ("a" IS DISTINCT FROM NULL) NOT VALID)"));
    EXPECT_THAT(steps[3].statements, ElementsAre(HasSubstr("SET NOT NULL"), HasSubstr("DROP CONSTRAINT")));
}

TEST_F(Recipes, NotNullIsAConstraintFrom18On) {
    const auto steps = make({part(PartKind::set_not_null, {"a"})}, {"t_a_not_null"}, 180000);
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::locked, StepKind::validate));
    EXPECT_THAT(steps[1].statements[0], HasSubstr(R"(ADD CONSTRAINT "t_a_not_null" NOT NULL "a" NOT VALID)"));
}

TEST_F(Recipes, ANotNullThatStandsAndIsNotValidIsValidated) {
    catalog::Constraint standing;
    standing.name = "nn";
    standing.type = catalog::ConstraintType::not_null;
    standing.definition = "NOT NULL a NOT VALID";
    standing.validated = false;
    live.constraints = {standing};
    auto rename = part(PartKind::rename_column, {"a"});
    rename.new_name = "b";
    const auto steps = make({rename, part(PartKind::set_not_null, {"b"})}, {}, 180000);
    EXPECT_THAT(steps.back().statements, ElementsAre(R"(ALTER TABLE ONLY "public"."t" VALIDATE CONSTRAINT "nn")"));
}

TEST_F(Recipes, ANotNullThatIsDroppedByItsNameIsSetAgain) {
    catalog::Constraint standing;
    standing.name = "nn";
    standing.type = catalog::ConstraintType::not_null;
    standing.definition = "NOT NULL id";
    live.constraints = {standing};
    auto drop = part(PartKind::drop_constraint, {});
    drop.name = "nn";
    const auto steps = make({drop, part(PartKind::set_not_null, {"id"})}, {"", "t_id_not_null"}, 180000);
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::locked, StepKind::check, StepKind::locked, StepKind::validate));
}

TEST_F(Recipes, ANotNullThatStoodBeforeIsNotTakenBack) {
    auto rename = part(PartKind::rename_column, {"id"});
    rename.new_name = "key";
    for (const auto& before : {part(PartKind::alter_type, {"id"}), rename}) {
        const auto name = before.kind == PartKind::rename_column ? "key" : "id";
        for (const auto way : {plan::Way::instant, plan::Way::online}) {
            for (const auto& step : make_with(way, {before, part(PartKind::set_not_null, {name})})) {
                EXPECT_THAT(step.undo, Not(Contains(HasSubstr("DROP NOT NULL"))));
            }
        }
    }
    EXPECT_THAT(make_with(plan::Way::instant, {part(PartKind::set_not_null, {"a"})}).front().undo,
                ElementsAre(HasSubstr("DROP NOT NULL")));
}

TEST_F(Recipes, AColumnThatIsNotNullAlreadyNeedsNothing) {
    EXPECT_TRUE(make({part(PartKind::set_not_null, {"id"})}).empty());
}

TEST_F(Recipes, ACheckIsNotValidFirst) {
    auto check = part(PartKind::add_check, {"a"});
    check.clause = "CHECK (a > 0)";
    check.expression = "a > 0";
    const auto steps = make({check}, {"t_a_check"});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::locked, StepKind::validate));
    EXPECT_THAT(steps[1].statements[0], HasSubstr(R"(ADD CONSTRAINT "t_a_check" CHECK (a > 0) NOT VALID)"));
    check.not_valid = true;
    EXPECT_THAT(kinds(make({check}, {"t_a_check"})), ElementsAre(StepKind::locked));
}

TEST_F(Recipes, WhatIsAskedOfANewColumnIsAskedWhenItIsThere) {
    auto check = part(PartKind::add_check, {"c"});
    check.clause = "CHECK (c > 0)";
    check.expression = "c > 0";
    const auto steps = make({part(PartKind::add_column, {"c"}), check}, {"", "t_c_check"});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::locked, StepKind::check, StepKind::locked, StepKind::validate));
}

TEST_F(Recipes, AnIndexHasTheUsersNameOrTheServersChoice) {
    auto index = part(PartKind::create_index, {"a"});
    index.clause = R"(ON "public"."t" USING btree (a))";
    auto named = index;
    named.name = "mine";
    const auto steps = make({index, named}, {"t_a_idx1", "mine"});
    EXPECT_EQ(steps[0].index, "t_a_idx1");
    EXPECT_EQ(steps[1].index, "mine");
    EXPECT_THAT(steps[0].statements[0],
                HasSubstr(R"(CREATE INDEX CONCURRENTLY "t_a_idx1" ON "public"."t" USING btree (a))"));
}

TEST_F(Recipes, TheCheckThatProvesNotNullHasANameOfItsOwn) {
    facts.constraints.insert("pgwraith_16390_not_null");
    const auto steps = make({part(PartKind::set_not_null, {"a"})});
    EXPECT_THAT(steps[1].statements[0], HasSubstr(R"(ADD CONSTRAINT "pgwraith_16390_not_null1")"));
}

TEST_F(Recipes, NotNullThatTheServerKnowsToHoldIsSetAtOnce) {
    std::vector<plan::WayOfPart> ways{{plan::Way::instant, "", "ACCESS EXCLUSIVE, for an instant"}};
    plan::ServerSays says;
    says.names = {""};
    const auto steps = make_steps({part(PartKind::set_not_null, {"a"})}, ways, says, live, 150000, facts);
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::locked));
}

TEST_F(Recipes, AColumnThatLosesNotNullAndGetsItAgainIsAsked) {
    const auto steps = make({part(PartKind::drop_not_null, {"id"}), part(PartKind::set_not_null, {"id"})});
    EXPECT_THAT(kinds(steps),
                ElementsAre(StepKind::locked, StepKind::check, StepKind::locked, StepKind::validate, StepKind::locked));
}

TEST_F(Recipes, AForeignKeyLocksBothTables) {
    auto key = part(PartKind::add_foreign_key, {"a"});
    key.clause = "FOREIGN KEY (a) REFERENCES p";
    key.references = QualifiedName{"", "p"};
    facts.referenced[0] = {{"app", "p"}, {"id"}};
    const auto steps = make({key}, {"t_a_fkey"});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::locked, StepKind::validate));
    EXPECT_THAT(steps[0].statements[0],
                HasSubstr(R"(NOT EXISTS (SELECT FROM "app"."p" AS pgwraith_p WHERE pgwraith_p."id" = "t"."a"))"));
    ASSERT_EQ(steps[1].locks.size(), 2u);
    EXPECT_EQ(steps[1].locks[1].table, (QualifiedName{"app", "p"}));
    EXPECT_EQ(steps[1].locks[0].mode, "SHARE ROW EXCLUSIVE");
    EXPECT_FALSE(steps[1].stops_readers());
    // Of a table that our role may not read, the server finds out.
    facts.referenced[0].readable = false;
    EXPECT_THAT(kinds(make({key}, {"t_a_fkey"})), ElementsAre(StepKind::locked, StepKind::validate));
}

Part index_on(Part part, const std::string& name, bool unique) {
    part.name = name;
    part.unique = unique;
    part.clause = "ON t (…)";
    return part;
}

Part unique_over(Part part, std::vector<std::string> elements) {
    plan::UniqueKey key;
    key.collations.resize(elements.size());
    key.elements = std::move(elements);
    part.unique_key = std::move(key);
    return part;
}

TEST_F(Recipes, APrimaryKeyIsMadeOfAnIndex) {
    live.indexes.clear();
    auto key = unique_over(part(PartKind::add_primary_key, {"a"}), {"a"});
    key.clause = "PRIMARY KEY (a)";
    key.index_clause = "(a)";
    const auto steps = make({key}, {"t_a_key"});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::create_index, StepKind::locked));
    EXPECT_THAT(steps.back().statements[0], HasSubstr(R"(PRIMARY KEY USING INDEX "t_a_key")"));
}

TEST_F(Recipes, AFilledColumnIsAnalyzed) {
    auto fill = part(PartKind::fill, {"c"});
    fill.expression = "a + 1";
    const auto steps = make({part(PartKind::add_column, {"c"}), fill});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::locked, StepKind::fill, StepKind::analyze));
    EXPECT_TRUE(steps[1].kept.empty());
}

Part renamed(Part part, const std::string& to) {
    part.new_name = to;
    return part;
}

TEST_F(Recipes, DuplicatesAreLookedForAsTheIndexComparesThem) {
    auto index = unique_over(index_on(part(PartKind::create_index, {"a", "id"}), "i", true), {"(a / 2)", "id"});
    index.unique_key->collations = {"", R"(pg_catalog."C")"};
    index.unique_key->predicate = "(a > 0)";
    const auto steps = make({index});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::create_index));
    EXPECT_EQ(steps[0].index, "i");
    EXPECT_EQ(steps[0].what, "look for duplicates of ((a / 2), id) WHERE (a > 0)");
    EXPECT_THAT(steps[0].statements[0],
                HasSubstr(R"(((a / 2)) AS pgwraith_k1, (id COLLATE pg_catalog."C") AS pgwraith_k2 )"
                          R"(FROM ONLY "public"."t" WHERE (a > 0) OFFSET 0)"));
    EXPECT_THAT(steps[0].statements[0], HasSubstr("pgwraith_k1 IS DISTINCT FROM NULL AND pgwraith_k2 IS DISTINCT"));
    index.unique_key->nulls_not_distinct = true;
    EXPECT_THAT(make({index})[0].statements[0], testing::Not(HasSubstr("IS DISTINCT FROM NULL")));
    index.unique_key.reset();
    EXPECT_THAT(kinds(make({index})), ElementsAre(StepKind::create_index)) << "only the index can compare";
}

TEST_F(Recipes, WhatANewColumnWillHaveIsComputedBeforeAnythingIsMade) {
    auto add = part(PartKind::add_column, {"c"});
    add.computed = "NULL::int";
    auto fill = part(PartKind::fill, {"c"});
    fill.expression = "a + 1";
    fill.computed = "((a + 1)::int)";
    const auto index = unique_over(index_on(part(PartKind::create_index, {"c"}), "i", true), {"c"});
    const auto steps = make({add, fill, index});
    ASSERT_EQ(kinds(steps).front(), StepKind::check);
    EXPECT_THAT(steps[0].statements[0],
                HasSubstr(R"(FROM (SELECT "t"."ctid", "t"."a" AS "a", ((a + 1)::int) AS "c", "t"."id" AS "id" )"
                          R"(FROM ONLY "public"."t") AS "t")"));
    // What it is computed of is another by then; or nobody knows what it is.
    auto rename = renamed(part(PartKind::rename_column, {"a"}), "b");
    EXPECT_EQ(kinds(make({add, rename, fill, index})).front(), StepKind::locked);
    fill.computed.reset();
    EXPECT_EQ(kinds(make({add, fill, index})).front(), StepKind::locked);
}

TEST_F(Recipes, ARenamedColumnIsReadByItsOldName) {
    auto check = part(PartKind::add_check, {"b"});
    check.expression = "b > 0";
    const auto steps = make({renamed(part(PartKind::rename_column, {"a"}), "b"), check});
    ASSERT_EQ(kinds(steps).front(), StepKind::check);
    EXPECT_THAT(steps[0].statements[0], HasSubstr(R"("t"."a" AS "b")"));
}

TEST_F(Recipes, AValidationAloneLooksForRowsFirst) {
    auto validate = part(PartKind::validate_constraint, {"a"}, "VALIDATE CONSTRAINT c");
    validate.name = "c";
    validate.expression = "a > 0";
    const auto steps = make({validate});
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::check, StepKind::validate));
    EXPECT_THAT(steps[0].statements[0], HasSubstr("NOT (a > 0)"));
}

TEST_F(Recipes, ARehearsalMakesWhatTheApplicationDoesNotSee) {
    const auto steps = rehearse({part(PartKind::add_column, {"c"}), part(PartKind::set_default, {"c"}),
                                 part(PartKind::set_default, {"a"}), part(PartKind::drop_column, {"a"})});
    EXPECT_THAT(become(steps), ElementsAre(InRehearsal::made, InRehearsal::tried));
    EXPECT_EQ(steps[0].statements.size(), 2U);
    EXPECT_THAT(steps[1].why, HasSubstr("another value"));
    EXPECT_THAT(steps[1].why, HasSubstr("cannot be taken back"));
    EXPECT_EQ(make({part(PartKind::add_column, {"c"}), part(PartKind::drop_column, {"a"})}).size(), 1U)
        << "in a migration they are one step";
}

TEST_F(Recipes, ARehearsalRefusesNoRowOfTheApplication) {
    const auto unique = rehearse({unique_over(part(PartKind::add_unique, {"a"}), {"a"})});
    EXPECT_THAT(become(unique), ElementsAre(InRehearsal::made, InRehearsal::made, InRehearsal::locked));
    EXPECT_THAT(unique[1].statements.front(), HasSubstr("CREATE INDEX CONCURRENTLY"));
    const auto index = rehearse({index_on(part(PartKind::create_index, {"a"}), "i", true)});
    EXPECT_THAT(index[0].statements.front(), HasSubstr("CREATE INDEX CONCURRENTLY"));
    auto check = part(PartKind::add_check, {"a"});
    check.expression = "a > 0";
    EXPECT_THAT(become(rehearse({check})), ElementsAre(InRehearsal::made, InRehearsal::tried, InRehearsal::left_out));
    EXPECT_THAT(become(rehearse({part(PartKind::set_not_null, {"a"})})),
                ElementsAre(InRehearsal::made, InRehearsal::tried, InRehearsal::left_out, InRehearsal::locked));
    EXPECT_THAT(become(rehearse({part(PartKind::set_not_null, {"a"})}, 180000)),
                ElementsAre(InRehearsal::made, InRehearsal::tried, InRehearsal::left_out));
}

TEST_F(Recipes, ARehearsalLeavesOutWhatNeedsWhatIsOnlyTried) {
    const auto steps = rehearse({renamed(part(PartKind::rename_column, {"a"}), "b"),
                                 index_on(part(PartKind::create_index, {"b"}), "on_b", false),
                                 index_on(part(PartKind::create_index, {"id"}), "on_id", false)});
    EXPECT_THAT(become(steps), ElementsAre(InRehearsal::tried, InRehearsal::left_out, InRehearsal::made));
    EXPECT_THAT(steps[1].why, HasSubstr("it needs b"));
}

TEST_F(Recipes, WhatARehearsalFindsInANewColumnIsNoFailure) {
    const auto steps = rehearse({part(PartKind::add_column, {"c"}), part(PartKind::set_not_null, {"c"})}, 180000);
    EXPECT_THAT(kinds(steps), ElementsAre(StepKind::locked, StepKind::check, StepKind::locked, StepKind::validate));
    EXPECT_THAT(become(steps),
                ElementsAre(InRehearsal::made, InRehearsal::tried, InRehearsal::tried, InRehearsal::left_out));
}

TEST_F(Recipes, ARehearsalOnlyComputesWhatWouldStayFilled) {
    auto fill = part(PartKind::fill, {"a"});
    fill.expression = "id * 2";
    fill.standing = true;
    EXPECT_THAT(become(rehearse({fill})), ElementsAre(InRehearsal::tried, InRehearsal::left_out));
    EXPECT_THAT(become(rehearse({part(PartKind::set_default, {"a"}), fill})),
                ElementsAre(InRehearsal::tried, InRehearsal::tried, InRehearsal::left_out));
    fill.standing = false;
    fill.columns = {"c"};
    EXPECT_THAT(become(rehearse({part(PartKind::add_column, {"c"}), fill})),
                ElementsAre(InRehearsal::made, InRehearsal::made, InRehearsal::made));
}

TEST_F(Recipes, FillsSideBySideAreOneStep) {
    auto one = part(PartKind::fill, {"c"});
    one.expression = "a + 1";
    auto other = part(PartKind::fill, {"a"});
    other.expression = "'x'";
    other.standing = true;
    const auto steps = make({part(PartKind::add_column, {"c"}), one, other});
    ASSERT_THAT(kinds(steps), ElementsAre(StepKind::locked, StepKind::fill, StepKind::analyze));
    EXPECT_THAT(steps[1].fills, ElementsAre(FilledColumn{"c", "a + 1"}, FilledColumn{"a", "'x'"}));
    EXPECT_EQ(steps[1].what, "fill c, a");
    EXPECT_EQ(steps[1].kept, "the values that were filled into \"a\"");
    EXPECT_THAT(kinds(make({part(PartKind::add_column, {"c"}), one, part(PartKind::create_index, {"c"}), other},
                           {"", "", "i", ""})),
                ElementsAre(StepKind::locked, StepKind::fill, StepKind::analyze, StepKind::create_index, StepKind::fill,
                            StepKind::analyze));
}

}  // namespace
}  // namespace pgwraith::online
