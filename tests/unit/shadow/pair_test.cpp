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

TEST(Pair, RangesNumberTheirParametersFromThoseThatAreThere) {
    const auto pair = sample();
    const auto none = compare_range_sql(pair, false, false);
    EXPECT_THAT(none, Not(HasSubstr("$")));
    EXPECT_THAT(none, Not(HasSubstr("> ROW(")));
    EXPECT_THAT(none, HasSubstr("FULL JOIN"));
    EXPECT_THAT(none, Not(HasSubstr("clock_timestamp"))) << "what cannot be compared is left out";
    const auto both = compare_range_sql(pair, true, true);
    const std::string live = R"(ROW("app"."Orders"."id", "app"."Orders"."Region") OPERATOR("pg_catalog".)";
    EXPECT_THAT(both, HasSubstr(live + ">) ROW($1::integer, $2::text) AND " + live + "<=) ROW($3::integer, $4::text)"));
    EXPECT_THAT(both, HasSubstr("OPERATOR(\"pg_catalog\".>) ROW($1::integer::bigint, $2::text)"));
    const auto upper = compare_range_sql(pair, false, true);
    EXPECT_THAT(upper, HasSubstr("OPERATOR(\"pg_catalog\".<=) ROW($1::integer, $2::text)"));
    EXPECT_THAT(upper, Not(HasSubstr("$3")));
}

// Qualified: ORDER BY "id" would order by the text that is selected under that name.
TEST(Pair, TheEndOfARangeIsCountedFromItsLowerBound) {
    const std::string columns = R"("app"."Orders"."id" AS k1, "app"."Orders"."Region" AS k2)";
    const std::string order =
        R"("app"."Orders"."id" USING OPERATOR("pg_catalog".<), "app"."Orders"."Region" USING OPERATOR("pg_catalog".<))";
    EXPECT_THAT(range_end_sql(sample(), false),
                HasSubstr("(SELECT " + columns + " FROM ONLY \"app\".\"Orders\" ORDER BY " + order +
                          " OFFSET $1::bigint LIMIT 1) AS r"));
    EXPECT_THAT(range_end_sql(sample(), true),
                HasSubstr(R"(FROM ONLY "app"."Orders" WHERE ROW("app"."Orders"."id", "app"."Orders"."Region") )"
                          R"(OPERATOR("pg_catalog".>) ROW($1::integer, $2::text) ORDER BY )" +
                          order + " OFFSET $3::bigint LIMIT 1) AS r"));
}

// The session has the database's DateStyle; and char(n), boolean and inet have another text as ::text.
TEST(Pair, KeysThatAreReadHaveTheFormsOfTheStream) {
    for (const auto& sql : {range_end_sql(sample(), true), compare_range_sql(sample(), true, true)}) {
        EXPECT_THAT(sql, HasSubstr("pg_catalog.set_config('DateStyle', 'ISO, YMD', true) IS NOT NULL AND "));
        EXPECT_THAT(sql, HasSubstr(" THEN "));
        EXPECT_THAT(sql, HasSubstr("format('%s', "));
        EXPECT_THAT(sql, Not(HasSubstr("k1::text")));
    }
    EXPECT_THAT(compare_keys_sql(sample(), true), HasSubstr("SELECT pgwraith_k.place, "));
    EXPECT_THAT(compare_keys_sql(sample(), true), HasSubstr(" WITH ORDINALITY AS pgwraith_k(k1, k2, place)"));
}

// No one operator serves for all columns: each range of the index by itself, none of which is read further than it
// must.
TEST(Pair, ColumnsWithOperatorsOfTheirOwnAreRangesOfTheIndex) {
    auto pair = sample();
    auto& second = pair.mapping.key[1].live;
    second.descending = second.nulls_first = true;
    second.collation = "pg_catalog.\"C\"";
    const std::string id = R"("app"."Orders"."id")", region = R"("app"."Orders"."Region" COLLATE pg_catalog."C")";
    const auto op = [](const std::string& name) { return " OPERATOR(\"pg_catalog\"." + name + ") "; };
    const auto both = compare_range_sql(pair, true, true);
    EXPECT_THAT(both, HasSubstr("(" + id + op("=") + "$1::integer AND " + region + op("<") + "$2::text AND " + id +
                                op("=") + "$3::integer AND " + region + op(">=") + "$4::text)"));
    EXPECT_THAT(both, HasSubstr("(" + id + op(">") + "$1::integer AND " + id + op("<") + "$3::integer)"));
    const auto end = range_end_sql(pair, true);
    EXPECT_THAT(end, HasSubstr(" UNION ALL "));
    EXPECT_THAT(end, HasSubstr("LIMIT $3::bigint + 1)"));
    EXPECT_THAT(end, HasSubstr(region + " USING OPERATOR(\"pg_catalog\".>) NULLS FIRST"));
}

TEST(Pair, ManyColumnsAreComparedAsImages) {
    auto pair = sample();
    for (int n = 0; n < 800; ++n) {
        const auto name = fmt::format("c{}", n);
        pair.mapping.columns.push_back({name, "integer", name, name, name, "same"});
    }
    for (const auto& sql : {compare_range_sql(pair, true, true), compare_keys_sql(pair, true)}) {
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
