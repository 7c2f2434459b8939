#include "key_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"
#include "table_builder.h"

namespace pgwraith::catalog {
namespace {

using ::testing::HasSubstr;
using testing::plain_column;
using testing::primary_index;
using testing::small_table;
using testing::unique_index;

const KeyWish automatic{.automatic = true};

KeyWish named(std::string index) { return {.index = {"", std::move(index)}}; }

KeyIndex choose_key_index(const Table& table, const KeyWish& wish = {}) { return possible_keys(table, wish).front(); }

// The refusal that choosing a key ends in; fails the test when it does not.
Error refusal_of(const Table& table, const KeyWish& wish = {}) {
    try {
        choose_key_index(table, wish);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::refused);
        return error;
    }
    ADD_FAILURE() << "a key was chosen";
    return Error(ErrorKind::internal, "none");
}

TEST(KeyChoice, DefaultIdentityIsThePrimaryKey) {
    Table table = small_table();
    table.indexes.insert(table.indexes.begin(), unique_index("t_a_key", {3}));
    const KeyIndex choice = choose_key_index(table);
    EXPECT_EQ(choice.index->name, "t_pkey");
    EXPECT_FALSE(choice.full_rows_in_stream);
}

TEST(KeyChoice, NoPrimaryKeyNamesTheIndexesThatCouldStandIn) {
    Table table = small_table();
    Index nullable = unique_index("t_c_key", {4});
    table.indexes = {nullable, unique_index("T b", {3})};
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("no primary key"));
    EXPECT_THAT(error.hint(), HasSubstr(R"(Say `key: '"T b"'` (or `key: auto`) in the configuration)"));
    table.indexes.push_back(unique_index("a_b", {1, 3}));
    EXPECT_THAT(refusal_of(table).hint(),
                HasSubstr(R"(Say `key: '"T b"'` or `key: a_b` in the configuration, or `key: auto`)"));
    table.indexes = {unique_index("auto", {3})};
    EXPECT_THAT(refusal_of(table).hint(), HasSubstr(R"(`key: '"auto"'`)"));
}

TEST(KeyChoice, WhereOnlyNotNullIsMissingItSaysHowToGetIt) {
    Table table = small_table();
    table.indexes = {unique_index("t_c_key", {4, 1})};
    const std::string hint = refusal_of(table).hint();
    EXPECT_THAT(hint, HasSubstr(R"(Unique index "t_c_key" would do if "c" could not be NULL)"));
    EXPECT_THAT(hint,
                HasSubstr(R"(ALTER TABLE "app"."t" ADD CONSTRAINT key_not_null CHECK ("c" IS NOT NULL) NOT VALID; )"
                          R"(ALTER TABLE "app"."t" VALIDATE CONSTRAINT key_not_null; )"
                          R"(ALTER TABLE "app"."t" ALTER COLUMN "c" SET NOT NULL; )"
                          R"(ALTER TABLE "app"."t" DROP CONSTRAINT key_not_null. Then say `key: t_c_key`)"));
    EXPECT_EQ(refusal_of(table, named("t_c_key")).hint(), hint);
    EXPECT_THAT(refusal_of(table, named("t_c_key")).message(), HasSubstr(R"(cannot identify rows: "c" may be NULL)"));
    EXPECT_EQ(refusal_of(table, automatic).hint(), hint);
    Constraint not_valid;
    not_valid.name = "t_c_not_null";
    not_valid.type = ConstraintType::not_null;
    not_valid.definition = "NOT NULL c NOT VALID";
    not_valid.validated = false;
    table.constraints = {not_valid};
    EXPECT_THAT(refusal_of(table).hint(),
                HasSubstr(R"(: ALTER TABLE "app"."t" VALIDATE CONSTRAINT "t_c_not_null". Then)"));
}

TEST(KeyChoice, ANamedIndexIsBorrowed) {
    Table table = small_table();
    table.indexes.push_back(unique_index("t_b_key", {3}));
    EXPECT_TRUE(choose_key_index(table, named("t_b_key")).borrows_identity);
    EXPECT_EQ(choose_key_index(table, named("t_b_key")).index->name, "t_b_key");
    EXPECT_FALSE(choose_key_index(table, named("t_pkey")).borrows_identity);
    table.replica_identity = IdentityKind::nothing;
    EXPECT_TRUE(choose_key_index(table, named("t_pkey")).borrows_identity);
    table.replica_identity = IdentityKind::index;
    table.indexes.back().replica_identity = true;
    EXPECT_FALSE(choose_key_index(table, named("t_b_key")).borrows_identity);
    EXPECT_TRUE(choose_key_index(table, named("t_pkey")).borrows_identity);
    EXPECT_EQ(table.identity().sql(), R"(USING INDEX "t_b_key")");
    // What is in force could not be given back.
    table.indexes.back().replica_identity = false;
    EXPECT_THAT(refusal_of(table, named("t_b_key")).message(), HasSubstr("that index is gone"));
}

TEST(KeyChoice, WithFullRowsAnyIndexWillDoAndNothingIsBorrowed) {
    Table table = small_table();
    table.replica_identity = IdentityKind::full;
    table.indexes.push_back(unique_index("t_b_key", {3}));
    KeyIndex choice = choose_key_index(table, named("t_b_key"));
    EXPECT_EQ(choice.index->name, "t_b_key");
    EXPECT_TRUE(choice.full_rows_in_stream);
    EXPECT_FALSE(choice.borrows_identity);
    table.columns[2].generated = Generated::not_stored;
    choice = choose_key_index(table, named("t_b_key"));
    EXPECT_FALSE(choice.full_rows_in_stream);
    EXPECT_TRUE(choice.borrows_identity);
}

TEST(KeyChoice, ANamedIndexMustIdentifyRows) {
    Table table = small_table();
    const auto refused = [&](auto change) {
        Index index = unique_index("other", {3});
        change(index);
        table.indexes = {index};
        return refusal_of(table, named("other")).message();
    };
    EXPECT_THAT(refused([](Index& index) { index.unique = false; }),
                HasSubstr("cannot identify rows: it is not unique"));
    EXPECT_THAT(refused([](Index& index) { index.valid = false; }), HasSubstr("it is not valid"));
    EXPECT_THAT(refused([](Index& index) { index.immediate = false; }), HasSubstr("deferrable"));
    EXPECT_THAT(refused([](Index& index) { index.partial = true; }), HasSubstr("partial"));
    EXPECT_THAT(refused([](Index& index) { index.expressions = true; }), HasSubstr("expression"));
    EXPECT_THAT(refused([](Index& index) { index.method = "gist"; }), HasSubstr("gist"));
    EXPECT_THAT(refusal_of(table, named("none")).message(),
                HasSubstr(R"(`key` names "none", and table "app"."t" has no)"));
    table.indexes = {unique_index("other", {3})};
    EXPECT_EQ(choose_key_index(table, {.index = {"app", "other"}}).index->name, "other");
    EXPECT_THAT(refusal_of(table, {.index = {"public", "other"}}).message(), HasSubstr(R"("public"."other")"));
    table.columns[1].generated = Generated::stored;
    EXPECT_THAT(refusal_of(table, named("other")).message(), HasSubstr("is generated"));
}

TEST(KeyChoice, AutoTakesWhatTheServerHas) {
    Table table = small_table();
    table.indexes.insert(table.indexes.begin(), unique_index("a_first", {3}));
    const auto choices = possible_keys(table, automatic);
    EXPECT_EQ(choices.front().index->name, "t_pkey");
    EXPECT_FALSE(choices.front().borrows_identity);
    EXPECT_THAT(why_this_one(table, choices, 0), HasSubstr("already"));
    table.replica_identity = IdentityKind::full;
    EXPECT_EQ(choose_key_index(table, automatic).index->name, "t_pkey");
    EXPECT_TRUE(choose_key_index(table, automatic).full_rows_in_stream);
}

TEST(KeyChoice, AutoTakesFewColumnsThenNarrowOnesThenTheName) {
    Table table = small_table();
    table.columns = {plain_column(1, "a"), plain_column(2, "b"), plain_column(3, "wide"), plain_column(4, "text")};
    for (auto& column : table.columns) column.length = 4;
    table.columns[2].length = 16;
    table.columns[3].length = -1;
    table.indexes = {unique_index("a_two", {1, 2}), unique_index("b_text", {4}), unique_index("c_wide", {3}),
                     unique_index("e_last", {1}), unique_index("d_first", {2})};
    const auto choices = possible_keys(table, automatic);
    std::vector<std::string> names;
    for (const KeyIndex& choice : choices) {
        EXPECT_TRUE(choice.borrows_identity);
        names.push_back(choice.index->name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"d_first", "e_last", "c_wide", "b_text", "a_two"}));
    EXPECT_EQ(why_this_one(table, choices, 0),
              "the first by name of equally good ones; others that would do: e_last, c_wide, b_text, a_two");
    EXPECT_THAT(why_this_one(table, choices, 1), HasSubstr("is the narrowest of these"));
    EXPECT_THAT(why_this_one(table, choices, 3), HasSubstr("fewest columns"));
    EXPECT_THAT(why_this_one(table, choices, 4), HasSubstr("no other"));
    table.columns[1].generated = Generated::stored;
    EXPECT_EQ(choose_key_index(table, automatic).index->name, "e_last");
}

TEST(KeyChoice, NoKeyAtAllSaysToAddOne) {
    Table table = small_table();
    table.indexes.clear();
    EXPECT_THAT(refusal_of(table).hint(), HasSubstr("Add a primary key"));
}

TEST(KeyChoice, DeferrablePrimaryKeyIsRefused) {
    Table table = small_table();
    table.indexes[0].immediate = false;
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("deferrable"));
}

TEST(KeyChoice, PrimaryKeyOfAnotherAccessMethodIsRefused) {
    Table table = small_table();
    table.indexes[0].method = "gist";
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("gist"));
}

TEST(KeyChoice, IdentityByIndexTakesThatIndexEvenWithAPrimaryKey) {
    Table table = small_table();
    table.replica_identity = IdentityKind::index;
    table.indexes.push_back(unique_index("t_b_key", {3, 1}));
    table.indexes.back().replica_identity = true;
    EXPECT_EQ(choose_key_index(table).index->name, "t_b_key");
}

TEST(KeyChoice, IdentityByAnIndexThatIsGoneIsRefused) {
    Table table = small_table();
    table.replica_identity = IdentityKind::index;
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("gone"));
    EXPECT_THAT(error.hint(), HasSubstr("REPLICA IDENTITY DEFAULT"));
}

TEST(KeyChoice, FullPrefersThePrimaryKey) {
    Table table = small_table();
    table.replica_identity = IdentityKind::full;
    table.indexes.insert(table.indexes.begin(), unique_index("a_first", {3}));
    const KeyIndex choice = choose_key_index(table);
    EXPECT_EQ(choice.index->name, "t_pkey");
    EXPECT_TRUE(choice.full_rows_in_stream);
}

TEST(KeyChoice, FullFallsBackToAUniqueIndexThatIdentifiesRows) {
    Table table = small_table();
    table.replica_identity = IdentityKind::full;
    Index partial = unique_index("a_partial", {1});
    partial.partial = true;
    Index expression = unique_index("b_expression", {0});
    expression.expressions = true;
    Index invalid = unique_index("c_invalid", {1});
    invalid.valid = false;
    table.indexes = {partial,
                     expression,
                     invalid,
                     unique_index("d_nullable", {4}),
                     unique_index("e_wide", {1, 3}),
                     unique_index("f_good", {3})};
    EXPECT_EQ(choose_key_index(table).index->name, "f_good");
    table.indexes.resize(4);
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("cannot be followed"));
}

TEST(KeyChoice, NothingIsRefusedWithTheWayBack) {
    Table table = small_table();
    table.replica_identity = IdentityKind::nothing;
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("REPLICA IDENTITY NOTHING"));
    EXPECT_THAT(error.hint(), HasSubstr("REPLICA IDENTITY DEFAULT"));
}

TEST(KeyChoice, GeneratedAndArraylessKeyColumnsAreRefused) {
    Table table = small_table();
    table.columns[0].generated = Generated::stored;
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("generated"));
    table.columns[0].generated = Generated::none;
    table.columns[0].array_type_exists = false;
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("no array type"));
}

KeyOperators integer_operators(int attnum) {
    return {.attnum = attnum,
            .input_type = 23,
            .equals = "OPERATOR(pg_catalog.=)",
            .less = "OPERATOR(pg_catalog.<)",
            .less_equal = "OPERATOR(\"pg_catalog\".<=)",
            .greater = "OPERATOR(\"pg_catalog\".>)",
            .greater_equal = "OPERATOR(\"pg_catalog\".>=)",
            .foreign_determinism = false};
}

TEST(KeyChoice, ColumnsComeInTheOrderOfTheIndex) {
    Table table = small_table();
    table.indexes = {primary_index("t_pkey", {3, 1})};
    const Key key = make_key(table, choose_key_index(table), {integer_operators(3), integer_operators(1)});
    ASSERT_EQ(key.columns.size(), 2U);
    EXPECT_EQ(key.columns[0].name, "b");
    EXPECT_EQ(key.columns[1].name, "a");
    EXPECT_EQ(key.columns[1].equals, "OPERATOR(pg_catalog.=)");
}

TEST(KeyChoice, FloatsAndForeignDeterminismAreRefused) {
    const Table table = small_table();
    const KeyIndex choice = choose_key_index(table);
    KeyOperators floating = integer_operators(1);
    floating.input_type = 701;
    EXPECT_THROW(make_key(table, choice, {floating}), Error);
    KeyOperators foreign = integer_operators(1);
    foreign.foreign_determinism = true;
    EXPECT_THROW(make_key(table, choice, {foreign}), Error);
    KeyOperators unordered = integer_operators(1);
    unordered.less.clear();
    EXPECT_THROW(make_key(table, choice, {unordered}), Error);
    EXPECT_NO_THROW(make_key(table, choice, {integer_operators(1)}));
}

TEST(TableText, GrantsAndSequenceOptions) {
    const Grant column{.privilege = "UPDATE", .column = "no te", .grantee = "", .grantor = "o", .grantable = false};
    EXPECT_EQ(column.sql("TABLE", "a.b"), R"(GRANT UPDATE ("no te") ON TABLE a.b TO PUBLIC)");
    const Grant table{.privilege = "SELECT", .column = "", .grantee = "R", .grantor = "o", .grantable = true};
    EXPECT_EQ(table.sql("SEQUENCE", "a.s"), R"(GRANT SELECT ON SEQUENCE a.s TO "R" WITH GRANT OPTION)");
    Sequence sequence;
    sequence.maximum = 9;
    sequence.cycle = true;
    EXPECT_EQ(sequence.options_sql(), "START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9 CACHE 1 CYCLE");
}

TEST(TableText, ColumnsAreFoundByNameAndByAttributeNumber) {
    const Table table = small_table();
    EXPECT_EQ(table.column_at(3)->name, "b");
    EXPECT_EQ(table.column_at(2), nullptr);
    EXPECT_EQ(table.column("c")->attnum, 4);
    EXPECT_EQ(table.column("d"), nullptr);
}

}  // namespace
}  // namespace pgwraith::catalog
