#include "view_swap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::carry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ViewNode view(Oid oid, const std::string& name, std::set<Oid> on = {}) {
    ViewNode node;
    node.oid = oid;
    node.name = {"app", name};
    node.identity = "view app." + name;
    node.direct = on.empty();
    node.on = std::move(on);
    node.definition = "SELECT " + name;
    node.lock = "LOCK " + name;
    return node;
}

ViewNode function(Oid oid, const std::string& name, std::set<Oid> on = {}) {
    auto node = view(oid, name, std::move(on));
    node.kind = NodeKind::function;
    node.identity = "function app." + name;
    node.definition = "CREATE OR REPLACE FUNCTION " + name;
    node.stub = "STUB " + name;
    node.signature = "app." + name + "(r app.t)";
    node.lock.clear();
    return node;
}

class Swap : public ::testing::Test {
  protected:
    Carried statements() const { return view_statements(nodes_, fates_, "pgwraith_old_7"); }
    void add(ViewNode node, Fate fate) {
        fates_[node.oid] = std::move(fate);
        nodes_.push_back(std::move(node));
    }

    std::vector<ViewNode> nodes_;
    Fates fates_;
};

TEST_F(Swap, WhatStaysIsNotMentioned) {
    add(view(1, "v"), {Way::leave});
    const auto carried = statements();
    EXPECT_THAT(carried.locks, IsEmpty());
    EXPECT_THAT(carried.before_move, IsEmpty());
    EXPECT_THAT(carried.after_move, IsEmpty());
}

TEST_F(Swap, AReplacedViewKeepsWhatHangsOnIt) {
    auto replaced = view(1, "v");
    replaced.hangs_on = {{"", "GRANT …"}};
    add(replaced, {Way::replace});
    const auto carried = statements();
    EXPECT_THAT(carried.before_move, IsEmpty());
    EXPECT_THAT(carried.after_move, ElementsAre(R"(CREATE OR REPLACE VIEW "app"."v" AS SELECT v)"));
    ASSERT_THAT(carried.locks, SizeIs(1));
    EXPECT_EQ(carried.locks[0].statement, "LOCK v");
}

TEST_F(Swap, ViewsAreDroppedFromTheOutsideAndMadeFromTheInside) {
    auto inner = view(1, "inner");
    inner.hangs_on = {{"", "GRANT ON inner"}};
    inner.then = {"REFRESH inner"};
    add(inner, {Way::recreate});
    add(view(2, "outer", {1}), {Way::recreate});
    const auto carried = statements();
    EXPECT_THAT(carried.before_move, ElementsAre(R"(DROP VIEW "app"."outer")", R"(DROP VIEW "app"."inner")"));
    EXPECT_THAT(carried.after_move, ElementsAre(R"(CREATE VIEW "app"."inner" AS SELECT inner)", "GRANT ON inner",
                                                R"(CREATE VIEW "app"."outer" AS SELECT outer)"));
    EXPECT_THAT(carried.after_commit, ElementsAre("REFRESH inner"));
    ASSERT_THAT(carried.locks, SizeIs(2));
    EXPECT_EQ(carried.locks[0].name.name, "outer");
}

TEST_F(Swap, AFunctionLetsGoOfAViewBeforeThatIsDropped) {
    add(view(1, "v"), {Way::recreate});
    add(function(2, "f", {1}), {Way::recreate});
    const auto carried = statements();
    EXPECT_THAT(carried.before_move,
                ElementsAre("SET LOCAL check_function_bodies = off", "STUB f", R"(DROP VIEW "app"."v")"));
    EXPECT_THAT(carried.after_move,
                ElementsAre(R"(CREATE VIEW "app"."v" AS SELECT v)", "CREATE OR REPLACE FUNCTION f"));
    EXPECT_THAT(carried.locks, SizeIs(1)) << "nothing locks a function";
}

TEST_F(Swap, AFunctionOfTheRowsGoesWithTheOldTable) {
    auto rows = function(1, "f");
    rows.row_type = true;
    rows.hangs_on = {{"", "GRANT ON f"}};
    add(rows, {Way::renew});
    const auto carried = statements();
    EXPECT_THAT(carried.before_move, ElementsAre("SET LOCAL check_function_bodies = off",
                                                 R"(ALTER ROUTINE app.f(r app.t) SET SCHEMA "pgwraith_old_7")"));
    EXPECT_THAT(carried.after_move, ElementsAre("CREATE OR REPLACE FUNCTION f", "GRANT ON f"));
}

TEST_F(Swap, TwoFunctionsOfOneNameGetNamesOfTheirOwnThere) {
    auto one = function(1, "f");
    one.row_type = true;
    auto two = function(2, "f");
    two.name.schema = "other";
    two.signature = "other.f(r app.t)";
    two.row_type = true;
    add(one, {Way::renew});
    add(two, {Way::renew});
    auto before = statements().before_move;
    ASSERT_THAT(before, SizeIs(5));
    EXPECT_EQ(before[3], R"(ALTER ROUTINE app.f(r app.t) RENAME TO "pgwraith_1")");
    EXPECT_EQ(before[4], R"(ALTER ROUTINE "app"."pgwraith_1"(r app.t) SET SCHEMA "pgwraith_old_7")");
}

TEST_F(Swap, AFunctionThatCannotStayBesideIsDropped) {
    auto rows = function(1, "f");
    rows.row_type = true;
    add(rows, {Way::renew, true});
    EXPECT_THAT(statements().before_move,
                ElementsAre("SET LOCAL check_function_bodies = off", "DROP ROUTINE app.f(r app.t)"));
}

TEST_F(Swap, AGivenDefinitionMayLackColumnsThatSomethingHungOn) {
    auto given = view(1, "v");
    given.hangs_on = {{"", "GRANT …"}, {"c", "COMMENT ON COLUMN c"}};
    add(given, {Way::recreate, false, "SELECT 2"});
    const auto made = statements().after_move;
    ASSERT_THAT(made, SizeIs(3));
    EXPECT_EQ(made[0], R"(CREATE VIEW "app"."v" AS SELECT 2)");
    EXPECT_EQ(made[1], "GRANT …");
    EXPECT_THAT(made[2], HasSubstr("IF EXISTS (SELECT FROM pg_catalog.pg_attribute"));
    EXPECT_THAT(made[2], HasSubstr("EXECUTE 'COMMENT ON COLUMN c'"));
}

class Refusals : public ::testing::Test {
  protected:
    Refusals() {
        catalog::Column column;
        column.attnum = 3;
        column.name = "note";
        live_.name = {"app", "t"};
        live_.columns = {column};
    }
    std::vector<std::string> refuse(const ViewNode& node, Fate fate, const ColumnChanges& changes = {}) const {
        std::vector<std::string> reasons;
        const Fates fates{{node.oid, std::move(fate)}};
        for (const auto& one : refuse_nodes({node}, fates, live_, changes, dependents_)) reasons.push_back(one.reason);
        return reasons;
    }

    catalog::Table live_;
    config::Dependents dependents_;
};

TEST_F(Refusals, NoneForAViewThatCanBeReplaced) { EXPECT_THAT(refuse(view(1, "v"), {Way::replace}), IsEmpty()); }

TEST_F(Refusals, NoneForWhatStays) {
    auto theirs = view(1, "v");
    theirs.ours = false;
    EXPECT_THAT(refuse(theirs, {Way::leave}), IsEmpty());
}

TEST_F(Refusals, AnothersView) {
    auto theirs = view(1, "v");
    theirs.ours = false;
    theirs.may_create = false;
    EXPECT_THAT(refuse(theirs, {Way::replace}),
                ElementsAre(HasSubstr("belongs to another role"), HasSubstr("may not create in its schema")));
}

TEST_F(Refusals, AnOwnerThatMayNotCreateMattersOnlyWhereTheViewIsMadeAnew) {
    auto poor = view(1, "v");
    poor.owner = "owner";
    poor.owner_may_create = false;
    EXPECT_THAT(refuse(poor, {Way::replace}), IsEmpty());
    EXPECT_THAT(refuse(poor, {Way::recreate}), ElementsAre(HasSubstr(R"(its owner "owner" may not create)")));
}

TEST_F(Refusals, AFunctionThatWritesTheTable) {
    auto writes = function(1, "f");
    writes.writes = true;
    EXPECT_THAT(refuse(writes, {Way::replace}), ElementsAre(HasSubstr("writes to the table")));
    writes.direct = false;
    EXPECT_THAT(refuse(writes, {Way::replace}), IsEmpty()) << "it writes something else";
}

TEST_F(Refusals, WhatUsesAColumnThatGoes) {
    auto uses = view(1, "v");
    uses.columns = {3};
    EXPECT_THAT(refuse(uses, {Way::replace}, {{3}, {}, {}}), ElementsAre(HasSubstr("drops or renames: note")));
    EXPECT_THAT(refuse(uses, {Way::recreate, false, "SELECT 1"}, {{3}, {}, {}}), IsEmpty()) << "it gets another text";
}

TEST_F(Refusals, WhatUsesARenamedColumnUnlessItsTextFollows) {
    auto uses = view(1, "v");
    uses.columns = {3};
    EXPECT_THAT(refuse(uses, {Way::replace}, {{}, {3}, {}}), SizeIs(1));
    uses.respelled = true;
    EXPECT_THAT(refuse(uses, {Way::replace}, {{}, {3}, {}}), IsEmpty());
    EXPECT_THAT(refuse(uses, {Way::replace}, {{3}, {}, {}}), SizeIs(1)) << "a dropped column has no new name";
}

TEST_F(Refusals, AMaterializedViewUnlessTheConfigurationAllowsIt) {
    auto stored = view(1, "m");
    stored.kind = NodeKind::materialized_view;
    EXPECT_THAT(refuse(stored, {Way::recreate}), ElementsAre(HasSubstr("filled anew")));
    dependents_.recreate_materialized_views = true;
    EXPECT_THAT(refuse(stored, {Way::recreate}), IsEmpty());
}

TEST_F(Refusals, WhatRefersToAViewThatIsDropped) {
    auto dropped = view(1, "v");
    dropped.in_the_way = {"policy p on app.u"};
    EXPECT_THAT(refuse(dropped, {Way::replace}), IsEmpty());
    EXPECT_THAT(refuse(dropped, {Way::recreate}), ElementsAre(HasSubstr("policy p on app.u refers to view app.v")));
}

TEST_F(Refusals, AGivenDefinitionOfNoView) {
    dependents_.views["app.other"] = "SELECT 1";
    EXPECT_THAT(refuse(view(1, "v"), {Way::replace}), ElementsAre(HasSubstr("is no view on")));
}

}  // namespace
}  // namespace pgwraith::carry
