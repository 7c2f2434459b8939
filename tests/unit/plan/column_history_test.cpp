// What the parsed SQL remembers of columns: USING, defaults, renames, all under final names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

UserSql parse(const std::string& sql) { return parse_user_sql(sql, {"public", "orders"}, "s"); }

TEST(Using, IsKeptUnqualifiedUnderTheFinalName) {
    const UserSql sql = parse(
        "ALTER TABLE orders ALTER a TYPE int USING public.orders.a::int + orders.b; ALTER TABLE orders RENAME a TO z");
    EXPECT_THAT(sql.using_expressions, ElementsAre(Pair("z", "a::int + b")));
    EXPECT_THAT(sql.renamed_columns, ElementsAre(Pair("a", "z")));
}

TEST(Using, RefersToTheLiveTablesNames) {
    const UserSql sql = parse(
        "ALTER TABLE orders RENAME a TO \"New A\"; ALTER TABLE orders RENAME b TO a;"
        "ALTER TABLE orders ALTER \"New A\" TYPE int USING length(\"New A\" || a || c)");
    EXPECT_THAT(sql.using_expressions, ElementsAre(Pair("New A", "length((a || b) || c)")));
    // What runs on the shadow keeps the names of the moment.
    EXPECT_THAT(sql.statements.at(2).shadow_sql, testing::HasSubstr(R"(length("New A" || a || c))"));
}

TEST(Using, OfOneAlterTableSeesTheOldTypes) {
    const UserSql sql = parse("ALTER TABLE orders ALTER a TYPE int USING b::int, ALTER b TYPE int USING a::int");
    EXPECT_THAT(sql.using_expressions, ElementsAre(Pair("a", "b::int"), Pair("b", "a::int")));
}

TEST(Using, OfAColumnThatAnEarlierStatementRetypedIsRefused) {
    EXPECT_THROW(parse("ALTER TABLE orders ALTER b TYPE int; ALTER TABLE orders ALTER a TYPE int USING b"), Error);
    EXPECT_NO_THROW(parse("ALTER TABLE orders ALTER b TYPE int; ALTER TABLE orders ALTER a TYPE int USING c"));
}

TEST(Using, GoesWithTheColumn) {
    const UserSql sql = parse("ALTER TABLE orders ALTER a TYPE int USING 1; ALTER TABLE orders DROP a, ADD a text");
    EXPECT_THAT(sql.using_expressions, IsEmpty());
}

TEST(Using, KeepsConstructsWhole) {
    const std::pair<const char*, const char*> cases[] = {
        {"(b -> 'x' ->> 'y')::jsonb", "CAST((b -> 'x') ->> 'y' AS jsonb)"},
        {"CASE WHEN a ~ '^\\d+$' THEN a::int END", "CASE WHEN a ~ E'^\\\\d+$' THEN a::int END"},
        {"a::text COLLATE \"C\"", "a::text COLLATE \"C\""},
        {"app.f(VARIADIC ARRAY[a, b])", "app.f(VARIADIC ARRAY[a, b])"},
        {"a AT TIME ZONE 'UTC'", "a AT TIME ZONE 'UTC'"},
        {"(a).\"Field\"[1]", "(a).\"Field\"[1]"},
        {"NOT (a IS TRUE OR b IS NULL)", "NOT (a IS TRUE OR b IS NULL)"},
        {"a OPERATOR(pg_catalog.-) - 2", "a OPERATOR(pg_catalog.-) -2"},
    };
    for (const auto& [written, kept] : cases) {
        const UserSql sql = parse(std::string("ALTER TABLE orders ALTER a TYPE text USING ") + written);
        EXPECT_EQ(sql.using_expressions.at("a"), kept) << written;
    }
}

TEST(AddedDefault, IsWhatOldRowsGet) {
    const UserSql sql = parse(
        "ALTER TABLE orders ADD a text DEFAULT 'x', ADD b int DEFAULT -1, ADD c uuid DEFAULT gen_random_uuid(), ADD d "
        "int;"
        "ALTER TABLE orders ALTER a DROP DEFAULT, ALTER d SET DEFAULT 5; ALTER TABLE orders RENAME b TO \"B\"");
    EXPECT_THAT(sql.added_defaults, ElementsAre(Pair("B", "-1"), Pair("a", "'x'"), Pair("c", "gen_random_uuid()")));
    EXPECT_THAT(sql.constant_defaults, ElementsAre("B", "a"));
    EXPECT_THAT(sql.superseded_defaults, ElementsAre("a"));
    EXPECT_THAT(sql.renamed_columns, IsEmpty());
}

TEST(AddedDefault, DropRunsBeforeAddInOneAlterTable) {
    const UserSql sql = parse("ALTER TABLE orders ADD a int DEFAULT 1, DROP a");
    EXPECT_THAT(sql.added_defaults, ElementsAre(Pair("a", "1")));
}

TEST(AddedDefault, OfADroppedColumnIsForgotten) {
    EXPECT_THAT(parse("ALTER TABLE orders ADD a int DEFAULT 1; ALTER TABLE orders DROP a").added_defaults, IsEmpty());
}

TEST(AddedSerial, IsNoted) {
    const UserSql sql = parse("ALTER TABLE orders ADD a bigserial, ADD b serial4, ADD c int, ADD d \"x\".serial");
    EXPECT_THAT(sql.added_serials, ElementsAre("a", "b"));
    EXPECT_THAT(sql.superseded_defaults, IsEmpty());
    EXPECT_THAT(parse("ALTER TABLE orders ADD a serial; ALTER TABLE orders ALTER a SET DEFAULT 5").superseded_defaults,
                ElementsAre("a"));
}

TEST(Renames, AreFollowedThroughChainsAndSwaps) {
    const UserSql sql = parse(
        "ALTER TABLE orders RENAME a TO t; ALTER TABLE orders RENAME b TO a; ALTER TABLE orders RENAME t TO b;"
        "ALTER TABLE orders RENAME c TO d; ALTER TABLE orders RENAME d TO c; ALTER TABLE orders RENAME e TO f");
    EXPECT_THAT(sql.renamed_columns, ElementsAre(Pair("a", "b"), Pair("b", "a"), Pair("e", "f")));
}

TEST(CheckExpression, TakesOneExpression) {
    EXPECT_EQ(check_expression(" CASE WHEN a IS NULL THEN 'x' ELSE b END -- why", "values: c"),
              "CASE WHEN a IS NULL THEN 'x' ELSE b END");
    EXPECT_EQ(check_expression("a + -- one\n 1", "values: c"), "a + -- one\n 1");
    EXPECT_EQ(check_expression("(SELECT max(x) FROM unnest(ARRAY[a, b]) AS x)", "values: c"),
              "(SELECT max(x) FROM unnest(ARRAY[a, b]) AS x)");
}

TEST(CheckExpression, RefusesAnythingElse) {
    for (const char* text : {"", "-- nothing", "1 +", "a, b", "a AS b", "a FROM other", "1) + (2",
                             "1; DROP TABLE orders", "DISTINCT a", "*", "SELECT 1", "1)) FROM x --"}) {
        try {
            check_expression(text, "values: c");
            ADD_FAILURE() << "accepted: " << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::refused);
            EXPECT_THAT(error.message(), testing::StartsWith("values: c: ")) << text;
            EXPECT_FALSE(error.hint().empty());
        }
    }
}

}  // namespace
}  // namespace pgwraith::plan
