// The one transaction that ends an expansion.
#include <gtest/gtest.h>

#include "pgwraith/online/contraction.h"

namespace pgwraith::online {
namespace {

using Statements = std::vector<std::string>;

catalog::Table users() {
    catalog::Table table;
    table.oid = 7;
    table.name = {"app", "users"};
    catalog::Column id;
    id.attnum = 1;
    id.name = "id";
    id.type_sql = "integer";
    id.not_null = true;
    catalog::Column name;
    name.attnum = 2;
    name.name = "username";
    name.type_sql = "text";
    table.columns = {id, name};
    return table;
}

Expansion of(NewColumn column) {
    Expansion expansion;
    expansion.oid = 7;
    expansion.table = {"app", "users"};
    expansion.trigger = "zz_t";
    expansion.function = "f";
    for (const auto& down : column.down) expansion.old_columns.push_back(down.column);
    expansion.columns.push_back(std::move(column));
    return expansion;
}

NewColumn big_id() { return {"big_id", "bigint", "", "id", {"id"}, {"id"}, {{"id", "integer", {"big_id"}}}}; }

const Statements begin{R"(DROP TRIGGER "zz_t" ON "app"."users")", R"(DROP FUNCTION "app"."f"())"};

Statements behind_begin(const ShortWork& work) {
    EXPECT_EQ(Statements(work.statements.begin(), work.statements.begin() + 2), begin);
    return {work.statements.begin() + 2, work.statements.end()};
}

TEST(Contraction, TheOldColumnGoesAndTheNewOneTakesItsNames) {
    auto expansion = of({"handle", "text", "", "username", {"username"}, {"username"}, {{"username", "text", {}}}});
    expansion.twins = {{Twin::Kind::constraint, "pgwraith_7_1", "users_username_key", "", true},
                       {Twin::Kind::index, "pgwraith_7_2", "users_lower", "", false, true}};
    auto live = users();
    catalog::Constraint key;
    key.name = "users_username_key";
    key.comment = "one each";
    live.constraints = {key};
    catalog::Index lower;
    lower.name = "users_lower";
    lower.comment = "for the login";
    lower.statistics_targets = {{1, 500}};
    live.indexes = {lower};
    const auto work = contraction(expansion, live, {{{"handle", "'anon'::text"}}, {{"users_ref", {"app", "refs"}}}});
    EXPECT_EQ(behind_begin(work),
              (Statements{R"(ALTER TABLE ONLY "app"."users" ALTER COLUMN "handle" SET DEFAULT 'anon'::text)",
                          R"(ALTER TABLE ONLY "app"."users" DROP CONSTRAINT "users_ref")",
                          R"(ALTER TABLE ONLY "app"."users" DROP COLUMN "username")",
                          R"(ALTER TABLE ONLY "app"."users" RENAME CONSTRAINT "pgwraith_7_1" TO "users_username_key")",
                          R"(COMMENT ON CONSTRAINT "users_username_key" ON "app"."users" IS 'one each')",
                          R"(ALTER TABLE ONLY "app"."users" CLUSTER ON "users_username_key")",
                          R"(ALTER INDEX "app"."pgwraith_7_2" RENAME TO "users_lower")",
                          R"(COMMENT ON INDEX "app"."users_lower" IS 'for the login')",
                          R"(ALTER INDEX "app"."users_lower" ALTER COLUMN 1 SET STATISTICS 500)",
                          R"(ALTER TABLE ONLY "app"."users" REPLICA IDENTITY USING INDEX "users_lower")"}));
    const std::vector<TableLock> locks{{{"app", "users"}, "ACCESS EXCLUSIVE"}, {{"app", "refs"}, "ACCESS EXCLUSIVE"}};
    EXPECT_EQ(work.locks, locks);
}

TEST(Contraction, StatisticsStayInTheirSchema) {
    auto expansion = of({"handle", "text", "", "username", {"username"}, {"username"}, {{"username", "text", {}}}});
    expansion.twins = {{Twin::Kind::statistics, "pgwraith_7_1", "users_st"}};
    auto live = users();
    catalog::Statistics old;
    old.name = {"stats", "users_st"};
    old.comment = "of the login";
    catalog::Statistics ours;
    ours.name = {"stats", "pgwraith_7_1"};
    live.statistics = {old, ours};
    const Statements expected{R"(ALTER TABLE ONLY "app"."users" DROP COLUMN "username")",
                              R"(ALTER STATISTICS "stats"."pgwraith_7_1" RENAME TO "users_st")",
                              R"(COMMENT ON STATISTICS "stats"."users_st" IS 'of the login')"};
    EXPECT_EQ(behind_begin(contraction(expansion, live, {})), expected);
}

TEST(Contraction, APrimaryKeyIsMadeOfItsIndexAndASerialStays) {
    auto expansion = of(big_id());
    expansion.twins = {{Twin::Kind::primary_key, "pgwraith_7_1", "users_pkey"}};
    auto live = users();
    catalog::Sequence sequence;
    sequence.name = {"app", "users_id_seq"};
    sequence.column = 1;
    sequence.type = "integer";
    live.sequences = {sequence};
    EXPECT_EQ(
        behind_begin(contraction(expansion, live, {{{"big_id", "nextval('app.users_id_seq'::regclass)"}}, {}})),
        (Statements{
            R"(ALTER SEQUENCE "app"."users_id_seq" AS bigint OWNED BY "app"."users"."big_id")",
            R"(ALTER TABLE ONLY "app"."users" ALTER COLUMN "big_id" SET DEFAULT nextval('app.users_id_seq'::regclass))",
            R"(ALTER TABLE ONLY "app"."users" DROP CONSTRAINT "users_pkey")",
            R"(ALTER TABLE ONLY "app"."users" DROP COLUMN "id")",
            R"(ALTER TABLE ONLY "app"."users" ADD CONSTRAINT "users_pkey" PRIMARY KEY USING INDEX "pgwraith_7_1" )"}));
}

TEST(Contraction, AnIdentityGoesOnWhereItWas) {
    auto live = users();
    live.columns.front().identity = catalog::IdentityColumn::always;
    catalog::Sequence sequence;
    sequence.name = {"app", "users_id_seq"};
    sequence.column = 1;
    sequence.identity = true;
    sequence.type = "integer";
    sequence.maximum = 2147483647;
    sequence.owner = "boss";
    sequence.grants = {{"USAGE", "", "app", "boss", false}, {"USAGE", "", "boss", "boss", false}};
    live.sequences = {sequence};
    EXPECT_EQ(
        behind_begin(contraction(of(big_id()), live, {})),
        (Statements{
            R"(ALTER SEQUENCE "app"."users_id_seq" RENAME TO "pgwraith_7_before")",
            R"(ALTER TABLE ONLY "app"."users" ALTER COLUMN "big_id" ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "app"."pgwraith_7_identity" START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE))",
            R"(SELECT pg_catalog.setval('"app"."pgwraith_7_identity"'::pg_catalog.regclass, last_value, is_called) FROM "app"."pgwraith_7_before")",
            R"(GRANT USAGE ON SEQUENCE "app"."pgwraith_7_identity" TO "app")",
            R"(ALTER TABLE ONLY "app"."users" ALTER COLUMN "id" DROP IDENTITY)",
            R"(ALTER SEQUENCE "app"."pgwraith_7_identity" RENAME TO "users_id_seq")",
            R"(ALTER TABLE ONLY "app"."users" DROP COLUMN "id")"}));
}

}  // namespace
}  // namespace pgwraith::online
