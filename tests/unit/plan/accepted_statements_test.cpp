// Every form that is taken: what runs on the shadow, and what the plan calls it.
#include <gtest/gtest.h>

#include <ostream>
#include <regex>

#include "orders.h"
#include "pgwraith/plan/rebuild.h"
#include "pgwraith/plan/statements.h"
#include "syntax_tree.h"

namespace pgwraith::plan {
namespace {

const std::string kShadow = "pgwraith_new_1";

struct AcceptedCase {
    std::string sql;
    std::string shadow;  // with S for the shadow's schema, T for the shadow table, both quoted
    std::string summary;
};

void PrintTo(const AcceptedCase& c, std::ostream* out) { *out << c.sql; }

std::string spelled_out(std::string text) {
    text = std::regex_replace(text, std::regex("\\bT\\b"), R"(S."orders")");
    return std::regex_replace(text, std::regex("\\bS\\b"), R"("pgwraith_new_1")");
}

class Accepted : public testing::TestWithParam<AcceptedCase> {};

TEST_P(Accepted, RunsOnTheShadow) {
    const UserSql sql = parse_user_sql(GetParam().sql, kTable, kShadow);
    ASSERT_EQ(sql.statements.size(), 1U);
    EXPECT_EQ(sql.statements[0].shadow_sql, spelled_out(GetParam().shadow));
    EXPECT_EQ(sql.statements[0].summary, GetParam().summary);
    EXPECT_EQ(sql.statements[0].text, GetParam().sql);
    EXPECT_EQ(sql.statements[0].line, 1);
}

TEST_P(Accepted, LeavesNoNameOfTheLiveTable) {
    const std::string shadow = parse_user_sql(GetParam().sql, kTable, kShadow).statements.at(0).shadow_sql;
    SyntaxTree tree = SyntaxTree::parse(shadow);
    walk(tree.root().base, [](ProtobufCMessage& message) {
        if (auto* relation = message_as<PgQuery__RangeVar>(message, pg_query__range_var__descriptor)) {
            EXPECT_EQ(std::string(relation->schemaname), kShadow);
        }
    });
}

// A second pass over what came out changes nothing: the shadow's name is a fixed point.
TEST_P(Accepted, IsStable) {
    const std::string once = parse_user_sql(GetParam().sql, kTable, kShadow).statements.at(0).shadow_sql;
    const std::string twice = parse_user_sql(once, {kShadow, "orders"}, kShadow).statements.at(0).shadow_sql;
    EXPECT_TRUE(SyntaxTree::parse(once).same_as(twice)) << once << "\n" << twice;
}

const AcceptedCase kColumns[] = {
    {"ALTER TABLE public.orders ADD COLUMN status text NOT NULL DEFAULT 'new'",
     "ALTER TABLE T ADD COLUMN status text NOT NULL DEFAULT 'new'", "ALTER TABLE: ADD COLUMN status"},
    {"ALTER TABLE orders ADD IF NOT EXISTS s varchar(20) COLLATE \"C\" CHECK (s <> '')",
     "ALTER TABLE T ADD IF NOT EXISTS s varchar(20) COLLATE \"C\" CHECK (s <> '')", "ALTER TABLE: ADD COLUMN s"},
    {"ALTER TABLE orders ADD g text COMPRESSION lz4", "ALTER TABLE T ADD g text COMPRESSION lz4",
     "ALTER TABLE: ADD COLUMN g"},
    {"ALTER TABLE orders ADD g int UNIQUE NULLS NOT DISTINCT", "ALTER TABLE T ADD g int UNIQUE NULLS NOT DISTINCT",
     "ALTER TABLE: ADD COLUMN g"},
    {"ALTER TABLE orders ADD i bigint GENERATED ALWAYS AS IDENTITY (START WITH 5)",
     "ALTER TABLE T ADD i bigint GENERATED ALWAYS AS IDENTITY (START WITH 5)", "ALTER TABLE: ADD COLUMN i"},
    {"ALTER TABLE orders ADD g int GENERATED ALWAYS AS (public.orders.a + orders.b) STORED",
     "ALTER TABLE T ADD g int GENERATED ALWAYS AS (a + b) STORED", "ALTER TABLE: ADD COLUMN g"},
    {"ALTER TABLE IF EXISTS ONLY public . orders DROP COLUMN IF EXISTS \"A b\" CASCADE",
     "ALTER TABLE IF EXISTS ONLY T DROP COLUMN IF EXISTS \"A b\" CASCADE", "ALTER TABLE: DROP COLUMN A b"},
    {"ALTER TABLE \"public\".\"orders\" RENAME COLUMN a TO \"B\"", "ALTER TABLE T RENAME COLUMN a TO \"B\"",
     "ALTER TABLE: RENAME COLUMN a TO B"},
    {"ALTER TABLE Orders RENAME a TO b", "ALTER TABLE T RENAME a TO b", "ALTER TABLE: RENAME COLUMN a TO b"},
    {"ALTER TABLE orders ALTER amount TYPE bigint, ALTER COLUMN note SET DATA TYPE varchar(9)[]",
     "ALTER TABLE T ALTER amount TYPE bigint, ALTER COLUMN note SET DATA TYPE varchar(9)[]",
     "ALTER TABLE: ALTER COLUMN amount TYPE bigint, ALTER COLUMN note TYPE varchar(9)[]"},
    {"ALTER TABLE orders ALTER a TYPE text COLLATE \"C\" USING lower(orders.a)::text",
     "ALTER TABLE T ALTER a TYPE text COLLATE \"C\" USING lower(a)::text", "ALTER TABLE: ALTER COLUMN a TYPE text"},
    {"ALTER TABLE orders ALTER a SET DEFAULT E'x\\'y', ALTER b DROP DEFAULT",
     "ALTER TABLE T ALTER a SET DEFAULT E'x\\'y', ALTER b DROP DEFAULT",
     "ALTER TABLE: ALTER COLUMN a SET DEFAULT, ALTER COLUMN b DROP DEFAULT"},
    {"ALTER TABLE orders ALTER a SET NOT NULL, ALTER b DROP NOT NULL",
     "ALTER TABLE T ALTER a SET NOT NULL, ALTER b DROP NOT NULL",
     "ALTER TABLE: ALTER COLUMN a SET NOT NULL, ALTER COLUMN b DROP NOT NULL"},
    {"ALTER TABLE orders ALTER a SET STATISTICS -1, ALTER a SET STORAGE external, ALTER a SET COMPRESSION default",
     "ALTER TABLE T ALTER a SET STATISTICS -1, ALTER a SET STORAGE external, ALTER a SET COMPRESSION default",
     "ALTER TABLE: ALTER COLUMN a SET STATISTICS, ALTER COLUMN a SET STORAGE, ALTER COLUMN a SET COMPRESSION"},
    {"ALTER TABLE orders ALTER a SET (n_distinct = -0.5), ALTER a RESET (n_distinct)",
     "ALTER TABLE T ALTER a SET (n_distinct = -0.5), ALTER a RESET (n_distinct)",
     "ALTER TABLE: ALTER COLUMN a SET (options), ALTER COLUMN a RESET (options)"},
    {"ALTER TABLE orders ALTER a ADD GENERATED BY DEFAULT AS IDENTITY",
     "ALTER TABLE T ALTER a ADD GENERATED BY DEFAULT AS IDENTITY", "ALTER TABLE: ALTER COLUMN a ADD IDENTITY"},
    {"ALTER TABLE orders ALTER a SET GENERATED ALWAYS RESTART WITH 7",
     "ALTER TABLE T ALTER a SET GENERATED ALWAYS RESTART WITH 7", "ALTER TABLE: ALTER COLUMN a SET IDENTITY"},
    {"ALTER TABLE orders ALTER a DROP IDENTITY IF EXISTS", "ALTER TABLE T ALTER a DROP IDENTITY IF EXISTS",
     "ALTER TABLE: ALTER COLUMN a DROP IDENTITY"},
    {"ALTER TABLE orders ALTER a DROP EXPRESSION IF EXISTS", "ALTER TABLE T ALTER a DROP EXPRESSION IF EXISTS",
     "ALTER TABLE: ALTER COLUMN a DROP EXPRESSION"},
};
INSTANTIATE_TEST_SUITE_P(Columns, Accepted, testing::ValuesIn(kColumns));

const AcceptedCase kTableWide[] = {
    {"ALTER TABLE orders SET (fillfactor = 70, toast.autovacuum_enabled = off)",
     "ALTER TABLE T SET (fillfactor = 70, toast.autovacuum_enabled = off)", "ALTER TABLE: SET (storage parameters)"},
    {"ALTER TABLE orders RESET (fillfactor)", "ALTER TABLE T RESET (fillfactor)",
     "ALTER TABLE: RESET (storage parameters)"},
    {"ALTER TABLE orders SET TABLESPACE fast", "ALTER TABLE T SET TABLESPACE fast", "ALTER TABLE: SET TABLESPACE fast"},
    {"ALTER TABLE orders CLUSTER ON i", "ALTER TABLE T CLUSTER ON i", "ALTER TABLE: CLUSTER ON i"},
    {"ALTER TABLE orders SET WITHOUT CLUSTER", "ALTER TABLE T SET WITHOUT CLUSTER", "ALTER TABLE: SET WITHOUT CLUSTER"},
    {"ALTER TABLE orders ADD CONSTRAINT c CHECK (orders.a > 0) NOT VALID",
     "ALTER TABLE T ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "ALTER TABLE: ADD CONSTRAINT c CHECK"},
    {"ALTER TABLE orders ADD UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) WITH (fillfactor = 70)",
     "ALTER TABLE T ADD UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) WITH (fillfactor = 70)", "ALTER TABLE: ADD UNIQUE"},
    {"ALTER TABLE orders ADD CONSTRAINT c UNIQUE (a) DEFERRABLE INITIALLY DEFERRED",
     "ALTER TABLE T ADD CONSTRAINT c UNIQUE (a) DEFERRABLE INITIALLY DEFERRED", "ALTER TABLE: ADD CONSTRAINT c UNIQUE"},
    {"ALTER TABLE orders ADD PRIMARY KEY (a, b)", "ALTER TABLE T ADD PRIMARY KEY (a, b)",
     "ALTER TABLE: ADD PRIMARY KEY"},
    {"ALTER TABLE orders ADD CONSTRAINT pk PRIMARY KEY USING INDEX i",
     "ALTER TABLE T ADD CONSTRAINT pk PRIMARY KEY USING INDEX i", "ALTER TABLE: ADD CONSTRAINT pk PRIMARY KEY"},
    {"ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (a WITH =, during WITH &&) WHERE (a > 0)",
     "ALTER TABLE T ADD CONSTRAINT e EXCLUDE USING gist (a WITH =, during WITH &&) WHERE (a > 0)",
     "ALTER TABLE: ADD CONSTRAINT e EXCLUDE"},
    {"ALTER TABLE orders DROP CONSTRAINT IF EXISTS c CASCADE", "ALTER TABLE T DROP CONSTRAINT IF EXISTS c CASCADE",
     "ALTER TABLE: DROP CONSTRAINT c"},
    {"ALTER TABLE orders RENAME CONSTRAINT a TO b", "ALTER TABLE T RENAME CONSTRAINT a TO b",
     "ALTER TABLE: RENAME CONSTRAINT a TO b"},
    {"ALTER TABLE orders VALIDATE CONSTRAINT c", "ALTER TABLE T VALIDATE CONSTRAINT c",
     "ALTER TABLE: VALIDATE CONSTRAINT c"},
};
INSTANTIATE_TEST_SUITE_P(TableWide, Accepted, testing::ValuesIn(kTableWide));

const AcceptedCase kOthers[] = {
    {"CREATE INDEX ON orders (a)", "CREATE INDEX ON T (a)", "CREATE INDEX (unnamed)"},
    {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY public.orders USING btree ((orders.a::date), lower(b) "
     "COLLATE \"C\" DESC) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 70) TABLESPACE fast WHERE orders.a > 0",
     "CREATE UNIQUE INDEX  IF NOT EXISTS i ON ONLY T USING btree ((a::date), lower(b) "
     "COLLATE \"C\" DESC) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 70) TABLESPACE fast WHERE a > 0",
     "CREATE UNIQUE INDEX i"},
    {"CREATE INDEX i ON orders USING gin (doc jsonb_path_ops) WITH (fastupdate = off)",
     "CREATE INDEX i ON T USING gin (doc jsonb_path_ops) WITH (fastupdate = off)", "CREATE INDEX i"},
    {"DROP INDEX CONCURRENTLY IF EXISTS public.i, j CASCADE",
     "DROP INDEX IF EXISTS pgwraith_new_1.i, "
     "pgwraith_new_1.j CASCADE",
     "DROP INDEX i, j"},
    {"ALTER INDEX IF EXISTS public.i RENAME TO j", "ALTER INDEX IF EXISTS S.\"i\" RENAME TO j",
     "ALTER INDEX i RENAME TO j"},
    {"ALTER INDEX i SET (fillfactor = 70)", "ALTER INDEX S.\"i\" SET (fillfactor = 70)",
     "ALTER INDEX i: SET (storage parameters)"},
    {"ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 500", "ALTER INDEX S.\"i\" ALTER COLUMN 1 SET STATISTICS 500",
     "ALTER INDEX i: ALTER COLUMN 1 SET STATISTICS"},
    {"COMMENT ON TABLE public.orders IS 'it''s'", "COMMENT ON TABLE pgwraith_new_1.orders IS 'it''s'",
     "COMMENT ON TABLE"},
    {"COMMENT ON COLUMN orders.\"A a\" IS NULL", "COMMENT ON COLUMN pgwraith_new_1.orders.\"A a\" IS NULL",
     "COMMENT ON COLUMN A a"},
    {"COMMENT ON INDEX public.i IS 'x'", "COMMENT ON INDEX pgwraith_new_1.i IS 'x'", "COMMENT ON INDEX i"},
    {"COMMENT ON CONSTRAINT c ON public.orders IS 'x'", "COMMENT ON CONSTRAINT c ON pgwraith_new_1.orders IS 'x'",
     "COMMENT ON CONSTRAINT c"},
    {"COMMENT ON STATISTICS st IS 'x'", "COMMENT ON STATISTICS pgwraith_new_1.st IS 'x'", "COMMENT ON STATISTICS st"},
    {"CREATE STATISTICS IF NOT EXISTS public.st (ndistinct, mcv) ON a, (orders.b + 1) FROM orders",
     "CREATE STATISTICS IF NOT EXISTS pgwraith_new_1.st (ndistinct, mcv) ON a, (b + 1) FROM pgwraith_new_1.orders",
     "CREATE STATISTICS st"},
    {"DROP STATISTICS IF EXISTS st, public.st2", "DROP STATISTICS IF EXISTS pgwraith_new_1.st, pgwraith_new_1.st2",
     "DROP STATISTICS st, st2"},
};
INSTANTIATE_TEST_SUITE_P(Others, Accepted, testing::ValuesIn(kOthers));

TEST(ParseUserSql, KeepsQuotedNamesOfTheTable) {
    const QualifiedName table{"app", "Order \"Items\""};
    const UserSql sql = parse_user_sql(
        "ALTER TABLE app.\"Order \"\"Items\"\"\" DROP a; "
        "COMMENT ON COLUMN \"Order \"\"Items\"\"\".b IS 'x';",
        table, "s");
    ASSERT_EQ(sql.statements.size(), 2U);
    EXPECT_EQ(sql.statements[0].shadow_sql, "ALTER TABLE \"s\".\"Order \"\"Items\"\"\" DROP a");
    EXPECT_EQ(sql.statements[1].shadow_sql, "COMMENT ON COLUMN s.\"Order \"\"Items\"\"\".b IS 'x'");
}

TEST(ParseUserSql, SplitsStatementsAndCountsLines) {
    const UserSql sql = parse_user_sql(
        ";; -- first; of all\n"
        "/* a /* nested */ comment; */\n"
        "ALTER TABLE orders\n  ADD a text DEFAULT 'ü;x' -- why\n;\n;\n"
        "  CREATE INDEX i ON orders (a)  ;  -- done\n",
        kTable, kShadow);
    ASSERT_EQ(sql.statements.size(), 2U);
    EXPECT_EQ(sql.statements[0].line, 3);
    EXPECT_EQ(sql.statements[0].text, "ALTER TABLE orders\n  ADD a text DEFAULT 'ü;x'");
    EXPECT_EQ(sql.statements[0].shadow_sql, spelled_out("ALTER TABLE T\n  ADD a text DEFAULT 'ü;x'"));
    EXPECT_EQ(sql.statements[1].line, 7);
    EXPECT_EQ(sql.statements[1].text, "CREATE INDEX i ON orders (a)");
}

TEST(ParseUserSql, LeavesOutWhatStandsAroundTheChanges) {
    const UserSql sql = parse_user_sql(
        "BEGIN;\r\nSET LOCAL lock_timeout = '5s';\r\nALTER TABLE orders ADD a int;\r\n"
        "SET CONSTRAINTS ALL IMMEDIATE; LOCK TABLE orders; ANALYZE public.orders; RESET ALL;\r\nEND;",
        kTable, kShadow);
    ASSERT_EQ(sql.statements.size(), 1U);
    EXPECT_EQ(sql.statements[0].line, 3);
    ASSERT_EQ(sql.left_out.size(), 7U);
    EXPECT_EQ(sql.left_out[0].text, "BEGIN");
    EXPECT_EQ(sql.left_out[1].line, 2);
    EXPECT_EQ(sql.left_out[6].line, 5);
}

TEST(ParseUserSql, SequencesAreChangedByOptions) {
    const UserSql sql = parse_user_sql(
        "ALTER SEQUENCE IF EXISTS app.s AS bigint /* wide */ MAXVALUE -- so far\n 5 OWNED BY public.orders.id NO CYCLE",
        kTable, kShadow);
    ASSERT_EQ(sql.statements.size(), 1U);
    const SequenceChange change = sql.statements[0].sequence.value();
    EXPECT_EQ(change.schema, "app");
    EXPECT_EQ(change.name, "s");
    EXPECT_TRUE(change.if_exists);
    EXPECT_TRUE(change.sets_type);
    EXPECT_EQ(change.options, "AS bigint MAXVALUE 5 NO CYCLE");
    EXPECT_EQ(change.owned_by, "id");
    EXPECT_FALSE(parse_user_sql("ALTER SEQUENCE s CACHE 5", kTable, kShadow).statements[0].sequence->sets_type);
}

TEST(ParseUserSql, KnowsTheColumnsOwnCast) {
    for (const char* same :
         {"id", "(id)", "id::bigint", "CAST(orders.id AS int8)", "(public.orders.id)::pg_catalog.int8"}) {
        const auto sql =
            parse_user_sql(std::string("ALTER TABLE orders ALTER id TYPE bigint USING ") + same, kTable, kShadow);
        EXPECT_TRUE(sql.own_casts.contains("id")) << same;
    }
    for (const char* other : {"id::int", "a::bigint", "id::text::bigint", "id + 0", "id::bigint + 0", "app.int8(id)"}) {
        const auto sql =
            parse_user_sql(std::string("ALTER TABLE orders ALTER id TYPE bigint USING ") + other, kTable, kShadow);
        EXPECT_FALSE(sql.own_casts.contains("id")) << other;
    }
    const auto renamed =
        parse_user_sql("ALTER TABLE orders RENAME id TO key; ALTER TABLE orders ALTER key TYPE int8 USING key::bigint",
                       kTable, kShadow);
    EXPECT_TRUE(renamed.own_casts.contains("key"));
}

TEST(ParseUserSql, NothingIsNoChange) {
    for (const char* text : {"", " \n", ";", "-- nothing\n", "/* nor this */;"}) {
        EXPECT_TRUE(parse_user_sql(text, kTable, kShadow).changes_nothing()) << text;
    }
    EXPECT_FALSE(parse_user_sql("DROP INDEX i", kTable, kShadow).changes_nothing());
}

TEST(ParseUserSql, WhatStandsAroundAChangeIsNoRebuild) {
    for (const char* text :
         {"", "-- nothing\n", "VACUUM FULL orders", "BEGIN; VACUUM (ANALYZE, FULL) orders; COMMIT"}) {
        EXPECT_TRUE(parse_user_sql(text, kTable, kShadow).changes_nothing() && asks_for_rebuild(text)) << text;
    }
    for (const char* text : {"ANALYZE orders", "VACUUM orders", "BEGIN; COMMIT", "SET lock_timeout = '1s'"}) {
        EXPECT_TRUE(parse_user_sql(text, kTable, kShadow).changes_nothing() && !asks_for_rebuild(text)) << text;
    }
}

}  // namespace
}  // namespace pgwraith::plan
