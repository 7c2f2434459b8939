// The column mapping and the key checks, over tables written by hand.
#include "pgwraith/plan/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "key_type.h"
#include "pgwraith/base/error.h"

namespace pgwraith::plan {
namespace {

using catalog::Column;
using catalog::Key;
using catalog::Table;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const kCollation = R"(pg_catalog."default")";

Column column(int attnum, const std::string& name, const std::string& type) {
    Column c;
    c.attnum = attnum;
    c.name = name;
    c.type_sql = type;
    c.base_type_sql = type.substr(0, type.find('('));
    if (c.base_type_sql == "text" || c.base_type_sql == "character varying") c.collation_sql = kCollation;
    return c;
}

Column with_default(Column c, const std::string& expression, bool immutable) {
    c.default_sql = expression;
    c.default_immutable = immutable;
    return c;
}

// Attribute numbers with holes, as after dropped columns: the shadow counts 1, 2, 3.
Table live_table() {
    Table table;
    table.columns = {column(1, "id", "integer"), column(3, "Note", "text"), column(7, "amount", "integer")};
    return table;
}

Key key_of(int attnum, const std::string& name, const std::string& type) {
    Key key;
    key.columns.push_back({attnum, name, type, "=", "<", "<=", ">", ">="});
    return key;
}

class MapColumns : public testing::Test {
  protected:
    MapColumns() {
        shadow.columns = {column(1, "id", "integer"), column(2, "Note", "text"), column(3, "amount", "integer")};
    }
    Mapping map() const { return map_columns(live, key, shadow, sql, values); }
    MappedColumn last() const { return map().columns.back(); }
    Error refusal() const {
        try {
            map();
        } catch (const Error& error) {
            EXPECT_FALSE(error.hint().empty());
            return error;
        }
        return {ErrorKind::internal, "accepted"};
    }
    void expect_refused(const std::string& part) const {
        const Error error = refusal();
        EXPECT_EQ(error.kind(), ErrorKind::refused);
        EXPECT_THAT(error.message(), HasSubstr(part));
    }

    Table live = live_table();
    Table shadow;
    Key key = key_of(1, "id", "integer");
    UserSql sql;
    std::map<std::string, std::string> values;
};

TEST_F(MapColumns, SameTableCopiesColumnForColumn) {
    const Mapping mapping = map();
    EXPECT_EQ(insert_columns(mapping), R"("id", "Note", "amount")");
    EXPECT_EQ(select_expressions(mapping), R"("id", "Note", "amount")");
    for (const MappedColumn& mapped : mapping.columns) {
        EXPECT_EQ(mapped.origin, "same");
        EXPECT_EQ(mapped.verify_expression, mapped.expression);
        EXPECT_EQ(mapped.old_name, mapped.name);
    }
    EXPECT_THAT(mapping.dropped, ElementsAre());
}

TEST_F(MapColumns, RenamedAndDroppedColumnsGoByPosition) {
    shadow.columns = {column(1, "key", "integer"),
                      column(3, "Note", "integer")};  // Note dropped, amount takes its name
    const Mapping mapping = map();
    EXPECT_EQ(insert_columns(mapping), R"("key", "Note")");
    EXPECT_EQ(select_expressions(mapping), R"("id", "amount")");
    EXPECT_THAT(mapping.dropped, ElementsAre("Note"));
    EXPECT_EQ(mapping.key.at(0).shadow_name, "key");
}

TEST_F(MapColumns, ChangedTypeIsCastOnAssignmentAndExplicitlyForVerification) {
    shadow.columns[2] = column(3, "amount", "numeric(10,2)");
    EXPECT_EQ(last().expression, R"("amount")");
    EXPECT_EQ(last().verify_expression, R"(("amount")::numeric(10,2))");
    EXPECT_EQ(last().origin, "cast");
}

TEST_F(MapColumns, ChangedCollationIsNamedForVerification) {
    shadow.columns[1].collation_sql = R"(pg_catalog."C")";
    const MappedColumn mapped = map().columns.at(1);
    EXPECT_EQ(mapped.expression, R"("Note")");
    EXPECT_EQ(mapped.verify_expression, R"(("Note")::text COLLATE pg_catalog."C")");
}

TEST_F(MapColumns, UsingExpressionIsTakenByFinalName) {
    shadow.columns[2] = column(3, "total", "bigint");
    sql.using_expressions["total"] = "amount * 100";
    EXPECT_EQ(last().expression, "(amount * 100)");
    EXPECT_EQ(last().verify_expression, "(amount * 100)::bigint");
    EXPECT_EQ(last().origin, "USING");
    EXPECT_EQ(last().old_name, "amount");
}

TEST_F(MapColumns, ValuesComeBeforeUsingAndDefaults) {
    sql.using_expressions["amount"] = "1";
    values["amount"] = "amount + 1 -- more";
    EXPECT_EQ(last().expression, "(amount + 1)");
    EXPECT_EQ(last().verify_expression, "(amount + 1)::integer");
    EXPECT_EQ(last().origin, "values");
}

TEST_F(MapColumns, ValuesThatAreNoExpressionAreRefused) {
    values["amount"] = "1, 2";
    expect_refused("values: amount: this is not one expression");
}

TEST_F(MapColumns, ValuesOfAnUnknownColumnAreRefused) {
    values["nope"] = "1";
    expect_refused("values: nope is no column of the new table");
    values = {{"total", "1"}};
    sql.renamed_columns["total"] = "amount";
    EXPECT_THAT(refusal().hint(), HasSubstr("It is called amount there"));
}

TEST_F(MapColumns, GeneratedColumnsAreLeftToTheServer) {
    shadow.columns[2].generated = catalog::Generated::stored;
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, std::nullopt);
    EXPECT_EQ(last().origin, "generated");
    EXPECT_EQ(insert_columns(map()), R"("id", "Note")");
    values["amount"] = "1";
    expect_refused("values: amount is a generated column");
}

TEST_F(MapColumns, NewColumnWithImmutableDefault) {
    shadow.columns.push_back(with_default(column(4, "status", "text"), "'new'::text", true));
    sql.added_defaults["status"] = "'new'";
    EXPECT_EQ(last().expression, "('new'::text)");
    EXPECT_EQ(last().verify_expression, std::string("('new'::text)::text COLLATE ") + kCollation);
    EXPECT_EQ(last().old_name, std::nullopt);
    EXPECT_EQ(last().origin, "default");
}

TEST_F(MapColumns, NewColumnWithVolatileDefaultIsFilledByIt) {
    shadow.columns.push_back(with_default(column(4, "token", "uuid"), "gen_random_uuid()", false));
    shadow.columns.back().not_null = true;
    sql.added_defaults["token"] = "gen_random_uuid()";
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, std::nullopt);
}

// As frameworks do it: ADD COLUMN … DEFAULT 'x' NOT NULL, then DROP DEFAULT.
TEST_F(MapColumns, OldRowsGetTheDefaultThatWasDroppedAgain) {
    shadow.columns.push_back(column(4, "code", "character varying(3)"));
    shadow.columns.back().not_null = true;
    sql.added_defaults["code"] = "'x'";
    sql.constant_defaults.insert("code");
    sql.superseded_defaults.insert("code");
    EXPECT_EQ(last().expression, "('x')::character varying");
    EXPECT_EQ(last().verify_expression, std::string("('x')::character varying(3) COLLATE ") + kCollation);
}

TEST_F(MapColumns, OldRowsGetTheFirstOfTwoDefaults) {
    shadow.columns.push_back(with_default(column(4, "n", "integer"), "7", true));
    sql.added_defaults["n"] = "random() * 10";
    sql.superseded_defaults.insert("n");
    EXPECT_EQ(last().expression, "(random() * 10)::integer");
    EXPECT_EQ(last().verify_expression, std::nullopt) << "nobody knows whether it is immutable";
}

TEST_F(MapColumns, DroppedDefaultOfAMomentIsNotCompared) {
    shadow.columns.push_back(column(4, "at", "timestamp with time zone"));
    sql.added_defaults["at"] = "'now'";
    sql.constant_defaults.insert("at");
    sql.superseded_defaults.insert("at");
    EXPECT_EQ(last().expression, "('now')::timestamp with time zone");
    EXPECT_EQ(last().verify_expression, std::nullopt);
}

TEST_F(MapColumns, NewColumnWithoutDefaultIsNull) {
    shadow.columns.push_back(column(4, "extra", "integer"));
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, "(NULL)::integer");
}

TEST_F(MapColumns, DefaultThatWasSetLaterIsForNewRowsOnly) {
    shadow.columns.push_back(with_default(column(4, "extra", "integer"), "5", true));
    EXPECT_EQ(last().expression, "NULL::integer");
    EXPECT_EQ(last().verify_expression, "(NULL)::integer");
}

TEST_F(MapColumns, NewColumnOfAUserTypeMayHaveADomainsDefault) {
    shadow.columns.push_back(column(4, "extra", "app.level"));
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, std::nullopt);
}

TEST_F(MapColumns, NewNotNullColumnNeedsAnExpression) {
    shadow.columns.push_back(column(4, "extra", "integer"));
    shadow.columns.back().not_null = true;
    expect_refused("column extra is NOT NULL, and nothing says what existing rows get");
    values["extra"] = "0";
    EXPECT_EQ(last().expression, "(0)");
}

TEST_F(MapColumns, NewIdentityAndSerialFillThemselves) {
    shadow.columns.push_back(column(4, "number", "bigint"));
    shadow.columns.back().not_null = true;
    shadow.columns.back().identity = catalog::IdentityColumn::always;
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, std::nullopt);

    shadow.columns.back().identity = catalog::IdentityColumn::none;
    shadow.columns.back() = with_default(shadow.columns.back(), "nextval('s.q'::regclass)", false);
    sql.added_serials.insert("number");
    EXPECT_EQ(last().expression, std::nullopt);
    EXPECT_EQ(last().verify_expression, std::nullopt);

    sql.superseded_defaults.insert("number");
    expect_refused("column number is added as serial and then gets another default or none");
}

// ADD COLUMN IF NOT EXISTS of a column that exists does nothing: the default is not for it.
TEST_F(MapColumns, AnOldColumnKeepsItsValuesWhateverTheSqlAdds) {
    sql.added_defaults["amount"] = "0";
    EXPECT_EQ(last().expression, R"("amount")");
}

TEST_F(MapColumns, KeyMayBeRenamedAndWidened) {
    shadow.columns[0] = column(1, "Order Id", "bigint");
    const MappedKeyColumn part = map().key.at(0);
    EXPECT_EQ(part.live.name, "id");
    EXPECT_EQ(part.shadow_name, "Order Id");
    EXPECT_EQ(part.shadow_type_sql, "bigint");
}

TEST_F(MapColumns, CompositeKeyKeepsItsOrder) {
    key.columns.insert(key.columns.begin(), {7, "amount", "integer", "=", "<", "<=", ">", ">="});
    const Mapping mapping = map();
    ASSERT_EQ(mapping.key.size(), 2U);
    EXPECT_EQ(mapping.key[0].shadow_name, "amount");
    EXPECT_EQ(mapping.key[1].shadow_name, "id");
}

TEST_F(MapColumns, KeyColumnsKeepTheirValues) {
    values["id"] = "id + 1";
    expect_refused("key column id gets another value (values)");
    values.clear();
    sql.using_expressions["id"] = "id";
    expect_refused("key column id gets another value (USING)");
    sql.own_casts.insert("id");
    EXPECT_EQ(map().columns[0].origin, "same");
    sql.own_casts.clear();
    sql.using_expressions.clear();
    shadow.columns[0] = column(1, "id", "text");
    expect_refused("key column id changes from integer to text");
    shadow.columns.erase(shadow.columns.begin());
    expect_refused("key column id is dropped");
}

TEST_F(MapColumns, KeyColumnsKeepTheirCollation) {
    key = key_of(3, "Note", "text");
    shadow.columns[1].collation_sql = R"(pg_catalog."C")";
    expect_refused("key column Note changes its collation");
}

TEST(KeepsKey, WideningOnly) {
    const std::pair<const char*, const char*> kept[] = {{"smallint", "integer"},
                                                        {"smallint", "bigint"},
                                                        {"integer", "numeric"},
                                                        {"bigint", "numeric(20,0)"},
                                                        {"integer", "numeric(20)"},
                                                        {"numeric(5,2)", "numeric"},
                                                        {"numeric(5,2)", "numeric(9,4)"},
                                                        {"character varying(5)", "character varying(9)"},
                                                        {"character varying(5)", "text"},
                                                        {"text", "character varying"},
                                                        {"character(3)", "character(5)"},
                                                        {"uuid", "uuid"},
                                                        {"timestamp(3) with time zone", "timestamp(6) with time zone"},
                                                        {"timestamp(3) with time zone", "timestamp with time zone"},
                                                        {"app.code", "app.code"}};
    for (const auto& [from, to] : kept) EXPECT_TRUE(keeps_key(from, to)) << from << " -> " << to;

    const std::pair<const char*, const char*> lost[] = {{"bigint", "integer"},
                                                        {"integer", "text"},
                                                        {"integer", "double precision"},
                                                        {"numeric", "bigint"},
                                                        {"integer", "numeric(20,-2)"},
                                                        {"numeric", "numeric(9,4)"},
                                                        {"numeric(9,4)", "numeric(9,2)"},
                                                        {"text", "character varying(9)"},
                                                        {"character varying(9)", "character varying(5)"},
                                                        {"text", "character(9)"},
                                                        {"timestamp with time zone", "timestamp(3) with time zone"},
                                                        {"timestamp with time zone", "timestamp without time zone"},
                                                        {"date", "timestamp without time zone"},
                                                        {"uuid", "text"},
                                                        {"app.code", "text"},
                                                        {"text", "bytea"},
                                                        {"text", "app.\"character varying(\""}};
    for (const auto& [from, to] : lost) EXPECT_FALSE(keeps_key(from, to)) << from << " -> " << to;
}

TEST_F(MapColumns, ARegclassOfTheLiveTableBecomesTheShadows) {
    live.oid = 10;
    shadow.oid = 20;
    live.columns[2] = column(7, "amount", "regclass");
    shadow.columns[2] = column(3, "amount", "regclass");
    EXPECT_EQ(last().expression, R"((array_replace(ARRAY[("amount")::regclass], '10'::regclass, '20'::regclass))[1])");
    EXPECT_EQ(last().verify_expression, last().expression);
    live.columns[2] = shadow.columns[2] = column(7, "amount", "regclass[]");
    shadow.columns[2].attnum = 3;
    EXPECT_EQ(last().expression, R"(array_replace(("amount")::regclass[], '10'::regclass, '20'::regclass))");
    live.columns[2] = column(7, "amount", "oid");
    shadow.columns[2] = column(3, "amount", "oid");
    EXPECT_EQ(last().expression, R"("amount")");
}

TEST_F(MapColumns, AKeyKeepsItsRegclass) {
    live.columns[0] = column(1, "id", "regclass");
    shadow.columns[0] = column(1, "id", "regclass");
    key = key_of(1, "id", "regclass");
    EXPECT_EQ(map().columns.front().expression, R"("id")");
}

TEST_F(MapColumns, AValueThatReadsAnotherTableIsRefused) {
    shadow.columns.push_back(column(4, "rate", "integer"));
    values = {{"rate", "(SELECT r FROM app.rates WHERE cur = amount)"}};
    expect_refused(R"(values: rate: it reads "app"."rates")");
    values = {{"rate", "(WITH t AS (SELECT amount) SELECT amount FROM t, unnest(ARRAY[1]))"}};
    EXPECT_EQ(last().origin, "values");
    values = {{"rate", "coalesce((TABLE a), EXISTS (SELECT FROM b)::int)"}};
    expect_refused(R"("a", "b")");
}

TEST_F(MapColumns, WhatCannotBeComparedIsSaid) {
    EXPECT_TRUE(unverified_columns(map()).empty());
    shadow.columns.push_back(with_default(column(4, "token", "uuid"), "gen_random_uuid()", false));
    sql.added_defaults["token"] = "gen_random_uuid()";
    const auto columns = unverified_columns(map());
    ASSERT_EQ(columns.size(), 1U);
    EXPECT_EQ(columns[0].column, "token");
    EXPECT_THAT(columns[0].why, HasSubstr("column token is filled by its default, which is not immutable"));
}

}  // namespace
}  // namespace pgwraith::plan
