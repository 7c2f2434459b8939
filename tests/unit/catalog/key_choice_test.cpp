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

// The refusal that choosing a key ends in; fails the test when it does not.
Error refusal_of(const Table& table) {
    try {
        choose_key_index(table);
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

TEST(KeyChoice, NoPrimaryKeyNamesTheIndexThatCouldStandIn) {
    Table table = small_table();
    Index nullable = unique_index("t_c_key", {4});
    table.indexes = {nullable, unique_index("T b", {3})};
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("no primary key"));
    EXPECT_THAT(error.hint(), HasSubstr(R"(ALTER TABLE "app"."t" REPLICA IDENTITY USING INDEX "T b")"));
}

TEST(KeyChoice, NoKeyAtAllSaysToAddOne) {
    Table table = small_table();
    table.indexes = {unique_index("t_c_key", {4})};
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
    table.replica_identity = 'i';
    table.indexes.push_back(unique_index("t_b_key", {3, 1}));
    table.indexes.back().replica_identity = true;
    EXPECT_EQ(choose_key_index(table).index->name, "t_b_key");
}

TEST(KeyChoice, IdentityByAnIndexThatIsGoneIsRefused) {
    Table table = small_table();
    table.replica_identity = 'i';
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("gone"));
    EXPECT_THAT(error.hint(), HasSubstr("REPLICA IDENTITY DEFAULT"));
}

TEST(KeyChoice, FullPrefersThePrimaryKey) {
    Table table = small_table();
    table.replica_identity = 'f';
    table.indexes.insert(table.indexes.begin(), unique_index("a_first", {3}));
    const KeyIndex choice = choose_key_index(table);
    EXPECT_EQ(choice.index->name, "t_pkey");
    EXPECT_TRUE(choice.full_rows_in_stream);
}

TEST(KeyChoice, FullFallsBackToAUniqueIndexThatIdentifiesRows) {
    Table table = small_table();
    table.replica_identity = 'f';
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
    table.replica_identity = 'n';
    const Error error = refusal_of(table);
    EXPECT_THAT(error.message(), HasSubstr("REPLICA IDENTITY NOTHING"));
    EXPECT_THAT(error.hint(), HasSubstr("REPLICA IDENTITY DEFAULT"));
}

TEST(KeyChoice, GeneratedAndArraylessKeyColumnsAreRefused) {
    Table table = small_table();
    table.columns[0].generated = 's';
    EXPECT_THAT(refusal_of(table).message(), HasSubstr("generated"));
    table.columns[0].generated = 0;
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
