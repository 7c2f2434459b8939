// The shape of the generated statements; that the server takes them is for the integration tests.
#include "pgwraith/shadow/pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {
namespace {

using testing::HasSubstr;
using testing::Not;

plan::MappedKeyColumn key_column(std::string name, std::string type, std::string shadow_name, std::string shadow_type) {
    plan::MappedKeyColumn column;
    column.live.name = std::move(name);
    column.live.base_type_sql = std::move(type);
    column.live.equals = "OPERATOR(\"pg_catalog\".=)";
    column.live.less = "OPERATOR(\"pg_catalog\".<)";
    column.live.less_equal = "OPERATOR(\"pg_catalog\".<=)";
    column.live.greater = "OPERATOR(\"pg_catalog\".>)";
    column.live.greater_equal = "OPERATOR(\"pg_catalog\".>=)";
    column.shadow_name = std::move(shadow_name);
    column.shadow_type_sql = std::move(shadow_type);
    return column;
}

// (id int, Region text) -> (nr bigint, Region text), a value, a default that is not compared, a generated column.
Pair sample() {
    Pair pair;
    pair.live = {"app", "Orders"};
    pair.shadow = {"pgwraith_new_1", "Orders"};
    pair.mapping.key = {key_column("id", "integer", "nr", "bigint"), key_column("Region", "text", "Region", "text")};
    pair.mapping.columns = {{"nr", "bigint", "id", "\"id\"", "\"id\"::bigint", "cast"},
                            {"Region", "text", "Region", "\"Region\"", "\"Region\"", "same"},
                            {"at", "timestamptz", std::nullopt, "clock_timestamp()", std::nullopt, "default"},
                            {"twice", "bigint", std::nullopt, std::nullopt, std::nullopt, "generated"}};
    return pair;
}

TEST(Pair, CopyNamesOnlyInsertedColumnsAndReadsOneTable) {
    const auto sql = copy_sql(sample(), block_range(7, 9));
    EXPECT_THAT(sql, HasSubstr("INSERT INTO \"pgwraith_new_1\".\"Orders\" ("));
    EXPECT_THAT(sql, HasSubstr("OVERRIDING SYSTEM VALUE"));
    EXPECT_THAT(sql, HasSubstr("FROM ONLY \"app\".\"Orders\" WHERE ctid >= '(7,0)'::tid AND ctid < '(9,0)'::tid"));
    EXPECT_THAT(sql, HasSubstr("clock_timestamp()"));
    EXPECT_THAT(sql, Not(HasSubstr("twice")));
}

TEST(Pair, DeleteFindsTheShadowsColumnsInTheirType) {
    const auto sql = delete_keys_sql(sample());
    EXPECT_THAT(sql, HasSubstr("DELETE FROM ONLY \"pgwraith_new_1\".\"Orders\""));
    EXPECT_THAT(sql, HasSubstr("unnest($1::integer[], $2::text[]) AS pgwraith_k(k1, k2)"));
    EXPECT_THAT(sql, HasSubstr(".\"nr\" OPERATOR(\"pg_catalog\".=) pgwraith_k.k1::bigint AND "));
    EXPECT_THAT(sql, HasSubstr(".\"Region\" OPERATOR(\"pg_catalog\".=) pgwraith_k.k2::text"));
}

TEST(Pair, InsertOfKeysReadsEachRowOfTheLiveTableOnce) {
    const auto sql = insert_keys_sql(sample());
    EXPECT_THAT(sql, HasSubstr("WHERE \"app\".\"Orders\".ctid = ANY(ARRAY("));
    EXPECT_THAT(sql, HasSubstr("FROM unnest($1::integer[], $2::text[])"));
    EXPECT_THAT(sql, HasSubstr("OFFSET 0")) << "the keys look the rows up, never the other way round";
    EXPECT_THAT(sql, HasSubstr("\"app\".\"Orders\".\"id\" OPERATOR(\"pg_catalog\".=) pgwraith_k.k1"));
}

TEST(Pair, AnUpdateTakesOutOnlyWhatTheLiveTableHasNoLonger) {
    const auto sql = delete_gone_keys_sql(sample());
    EXPECT_THAT(sql, HasSubstr("DELETE FROM ONLY \"pgwraith_new_1\".\"Orders\""));
    EXPECT_THAT(sql, HasSubstr(R"(NOT EXISTS (SELECT FROM ONLY "app"."Orders" WHERE "app"."Orders"."id" OPERATOR()"));
    EXPECT_THAT(sql, HasSubstr("pgwraith_k.k2 OFFSET 0)")) << "each key is looked up by the index";
}

TEST(Pair, AnUpdateSetsWhatIsFilledAndNoKeyThatCannotDiffer) {
    const auto sql = update_keys_sql(sample());
    EXPECT_THAT(sql, testing::StartsWith(insert_keys_sql(sample())));
    EXPECT_THAT(sql, testing::EndsWith(R"( ON CONFLICT ("nr", "Region") DO UPDATE SET "Region" = excluded."Region", )"
                                       R"("at" = excluded."at")"))
        << "equal texts may differ, equal numbers may not";
}

TEST(Pair, NothingIsUpdatedWhereTheKeyIsAllThereIs) {
    auto pair = sample();
    pair.mapping.key.pop_back();
    pair.mapping.columns.resize(1);
    EXPECT_THAT(update_keys_sql(pair), testing::EndsWith(R"( ON CONFLICT ("nr") DO NOTHING)"));
}

TEST(Pair, WhatWasTakenOutIsPutBackByAnUpdateWhereTheServerCan) {
    auto pair = sample();
    EXPECT_EQ(put_keys_sql(pair), insert_keys_sql(pair));
    pair.mapping.updatable = true;
    EXPECT_EQ(put_keys_sql(pair), update_keys_sql(pair)) << "another page may have put the same key there";
}

TEST(Blueprint, UniqueValuesMayMoveWhereThereAreMoreThanTheKeys) {
    Blueprint blueprint;
    blueprint.indexes.resize(2);
    blueprint.indexes[0].unique = true;
    EXPECT_FALSE(has_other_unique(blueprint));
    blueprint.indexes[1].unique = true;
    EXPECT_TRUE(has_other_unique(blueprint));
    blueprint.indexes.pop_back();
    blueprint.after_build_sql = {"ALTER TABLE t ADD EXCLUDE (room WITH =)"};
    EXPECT_TRUE(has_other_unique(blueprint));
}

TEST(Pair, BlocksOfBothTablesAreComparedByKey) {
    const auto sql =
        compare_blocks_sql(sample(), {{block_range(0, 3)}, {block_range(3, 4)}}, {{block_range(1, 4)}, {}});
    EXPECT_THAT(sql, HasSubstr("FROM (SELECT true AS core, \"id\" AS k1, "));
    const std::string live = R"( FROM ONLY "app"."Orders" WHERE ctid >= '()";
    EXPECT_THAT(sql, HasSubstr(live + "0,0)'::tid AND ctid < '(3,0)'::tid UNION ALL SELECT false AS core, "));
    EXPECT_THAT(sql, HasSubstr(live + "3,0)'::tid AND ctid < '(4,0)'::tid) l FULL JOIN "));
    EXPECT_THAT(sql,
                HasSubstr(R"( FROM ONLY "pgwraith_new_1"."Orders" WHERE ctid >= '(1,0)'::tid AND ctid < '(4,0)')"));
    EXPECT_THAT(sql, HasSubstr(R"(ON l.k1 OPERATOR("pg_catalog".=) s.k1 AND l.k2 OPERATOR("pg_catalog".=) s.k2)"));
    EXPECT_THAT(sql, HasSubstr("CASE WHEN l.k1 IS NULL THEN s.core WHEN s.k1 IS NULL THEN l.core ELSE false OR "));
    EXPECT_THAT(sql, Not(HasSubstr("clock_timestamp"))) << "what cannot be compared is left out";
    EXPECT_THAT(sql, Not(HasSubstr("$")));
}

TEST(Pair, ATableOfWhichNothingIsLeftHasNoRow) {
    const auto no_live = compare_blocks_sql(sample(), {}, {{block_range(1, 4)}, {}});
    EXPECT_THAT(no_live, HasSubstr(R"( FROM ONLY "app"."Orders" WHERE false) l )"));
    const auto no_shadow = compare_blocks_sql(sample(), {{block_range(1, 4)}, {}}, {});
    EXPECT_THAT(no_shadow, HasSubstr(R"( FROM ONLY "pgwraith_new_1"."Orders" WHERE false) s )"));
}

TEST(Pair, PartnersAreFoundByTheLiveTablesIndex) {
    const auto sql = partners_sql(sample());
    EXPECT_THAT(sql, HasSubstr(R"("app"."Orders"."id" OPERATOR("pg_catalog".=) s.k1::integer AND )"));
    EXPECT_THAT(sql, HasSubstr("OFFSET 0")) << "never the other way round";
}

// Both columns of types that are compared byte by byte.
Pair ordered() {
    auto pair = sample();
    pair.mapping.key[1] = key_column("Region", "uuid", "Region", "uuid");
    return pair;
}

TEST(Pair, RangesNumberTheirParametersFromThoseThatAreThere) {
    const auto none = compare_range_sql(ordered(), false, false);
    EXPECT_THAT(none, Not(HasSubstr("$")));
    EXPECT_THAT(none, Not(HasSubstr("> ROW(")));
    EXPECT_THAT(none, HasSubstr("FULL JOIN"));
    EXPECT_THAT(none, Not(HasSubstr("core")));
    EXPECT_THAT(none, Not(HasSubstr("clock_timestamp"))) << "what cannot be compared is left out";
    const auto both = compare_range_sql(ordered(), true, true);
    const std::string live = R"(ROW("app"."Orders"."id", "app"."Orders"."Region") OPERATOR("pg_catalog".)";
    EXPECT_THAT(both, HasSubstr(live + ">) ROW($1::integer, $2::uuid) AND " + live + "<=) ROW($3::integer, $4::uuid)"));
    const std::string shadow = R"(ROW("pgwraith_new_1"."Orders"."nr", "pgwraith_new_1"."Orders"."Region") )";
    EXPECT_THAT(both, HasSubstr(shadow + R"(OPERATOR("pg_catalog".>) ROW($1::integer, $2::uuid))"));
    const auto upper = compare_range_sql(ordered(), false, true);
    EXPECT_THAT(upper, HasSubstr("OPERATOR(\"pg_catalog\".<=) ROW($1::integer, $2::uuid)"));
    EXPECT_THAT(upper, Not(HasSubstr("$3")));
}

// Qualified: ORDER BY "id" would order by the text that is selected under that name.
TEST(Pair, TheEndOfARangeIsCountedFromItsLowerBound) {
    const std::string order =
        R"(ORDER BY "app"."Orders"."id" USING OPERATOR("pg_catalog".<), "app"."Orders"."Region" USING )"
        R"(OPERATOR("pg_catalog".<))";
    EXPECT_THAT(range_end_sql(ordered(), false), HasSubstr(order + " OFFSET $1::bigint LIMIT 1) AS r"));
    EXPECT_THAT(range_end_sql(ordered(), true),
                HasSubstr(R"(ROW($1::integer, $2::uuid) )" + order + " OFFSET $3::bigint LIMIT 1) AS r"));
}

TEST(Pair, KeysHaveAPlainOrderIfItIsTheSameInBothTables) {
    EXPECT_TRUE(has_plain_order(ordered()));
    EXPECT_FALSE(has_plain_order(sample())) << "a text has a collation";
    auto pair = ordered();
    pair.mapping.key[0].shadow_type_sql = "numeric";
    EXPECT_FALSE(has_plain_order(pair)) << "the old index does not serve a cast";
    pair = ordered();
    pair.mapping.key[1].live.descending = true;
    EXPECT_FALSE(has_plain_order(pair));
    pair = ordered();
    pair.mapping.key[1].live.opclass = "app.my_ops";
    EXPECT_FALSE(has_plain_order(pair));
    pair = ordered();
    pair.mapping.key[1].live.less = "OPERATOR(\"app\".<)";
    EXPECT_FALSE(has_plain_order(pair));
}

// The session has the database's DateStyle; and char(n), boolean and inet have another text as ::text.
TEST(Pair, KeysThatAreReadHaveTheFormsOfTheStream) {
    for (const auto& sql : {compare_blocks_sql(sample(), {{block_range(0, 1)}, {}}, {{block_range(0, 1)}, {}}),
                            compare_range_sql(ordered(), true, true), range_end_sql(ordered(), true)}) {
        EXPECT_THAT(sql, HasSubstr("pg_catalog.set_config('DateStyle', 'ISO, YMD', true) IS NOT NULL AND "));
        EXPECT_THAT(sql, HasSubstr(" THEN "));
        EXPECT_THAT(sql, HasSubstr("format('%s', "));
        EXPECT_THAT(sql, Not(HasSubstr("k1::text")));
    }
    EXPECT_THAT(compare_keys_sql(sample(), true), HasSubstr("SELECT pgwraith_k.place, "));
    EXPECT_THAT(compare_keys_sql(sample(), true), HasSubstr(" WITH ORDINALITY AS pgwraith_k(k1, k2, place)"));
}

TEST(Pair, TheCollationOfAKeyIsItsIndexs) {
    auto pair = sample();
    pair.mapping.key[1].live.collation = "pg_catalog.\"C\"";
    const std::string region = R"("Region" COLLATE pg_catalog."C" OPERATOR("pg_catalog".=) pgwraith_k.k2)";
    EXPECT_THAT(insert_keys_sql(pair), HasSubstr(R"("app"."Orders".)" + region));
    EXPECT_THAT(delete_keys_sql(pair), HasSubstr(R"("pgwraith_new_1"."Orders".)" + region + "::text"));
}

TEST(Pair, ManyColumnsAreComparedAsImages) {
    auto pair = sample();
    for (int n = 0; n < 800; ++n) {
        const auto name = fmt::format("c{}", n);
        pair.mapping.columns.push_back({name, "integer", name, name, name, "same"});
    }
    for (const auto& sql : {compare_blocks_sql(pair, {{block_range(0, 1)}, {}}, {{block_range(0, 1)}, {}}),
                            compare_keys_sql(pair, true)}) {
        EXPECT_THAT(sql, HasSubstr("record_image_ne(l.image, s.image)"));
        EXPECT_THAT(sql, Not(HasSubstr(" AS c800")));
    }
}

TEST(Pair, KeysAreComparedColumnByColumnWithBothValues) {
    const auto sql = compare_keys_sql(sample(), true);
    EXPECT_THAT(sql, HasSubstr("'nr', left(quote_nullable(l.c1::text), 200), left(quote_nullable(s.c1::text), 200)"));
    EXPECT_THAT(sql, HasSubstr("'Region'"));
    EXPECT_THAT(sql, Not(HasSubstr("'at'")));
    EXPECT_THAT(sql, HasSubstr("l.found IS DISTINCT FROM s.found"));
    EXPECT_THAT(sql, HasSubstr("record_image_ne(ROW(l.c1, l.c2), ROW(s.c1, s.c2))"))
        << "bytes, not what the type calls equal";
    const auto without = compare_keys_sql(sample(), false);
    EXPECT_THAT(without, HasSubstr("THEN 'nr differs' END"));
    EXPECT_THAT(without, Not(HasSubstr("quote_nullable")));
}

}  // namespace
}  // namespace pgwraith::shadow
