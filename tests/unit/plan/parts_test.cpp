// The user's SQL taken apart: what each part says, in which order, and where a column is filled.
#include "pgwraith/plan/parts.h"

#include <gtest/gtest.h>

#include <ostream>

#include "orders.h"
#include "pgwraith/base/error.h"

namespace pgwraith::plan {
namespace {

std::vector<Part> split(const std::string& sql, const std::map<std::string, std::string>& values = {},
                        const Known& known = {}) {
    return split_into_parts(sql, kTable, values, known);
}

// What each says, fills as "fill column: expression".
std::vector<std::string> said(const std::vector<Part>& parts) {
    std::vector<std::string> lines;
    for (const auto& part : parts) {
        lines.push_back(part.kind == PartKind::fill ? "fill " + part.columns.front() + ": " + *part.expression
                                                    : part.sql);
    }
    return lines;
}

using Lines = std::vector<std::string>;

const std::string kAlter = R"(ALTER TABLE "public"."orders" )";

struct SplitCase {
    std::string sql;
    Lines parts;  // A for ALTER TABLE of the table
};

void PrintTo(const SplitCase& c, std::ostream* out) { *out << c.sql; }

Lines expand(Lines lines) {
    for (auto& line : lines) {
        if (line.starts_with("A ")) line = kAlter + line.substr(2);
    }
    return lines;
}

class Split : public testing::TestWithParam<SplitCase> {};

TEST_P(Split, SaysEachPartOfTheLiveTable) { EXPECT_EQ(said(split(GetParam().sql)), expand(GetParam().parts)); }

const SplitCase kAlters[] = {
    {"ALTER TABLE ONLY orders ADD COLUMN a int, ADD b numeric(10, 2) DEFAULT round(1.5, 0)",
     {"A ADD COLUMN a int", "A ADD b numeric(10, 2) DEFAULT round(1.5, 0)"}},
    {"alter table if exists public . orders * drop column if exists x cascade", {"A drop column if exists x cascade"}},
    // The server's passes, not the written order.
    {"ALTER TABLE orders ADD CONSTRAINT c CHECK (b > 0), ALTER b SET NOT NULL, ADD COLUMN b int DEFAULT 1, "
     "ALTER a TYPE varchar(20), DROP COLUMN b, SET (fillfactor = 70), ADD UNIQUE (a)",
     {"A DROP COLUMN b", "A ALTER a TYPE varchar(20)", "A ADD COLUMN b int DEFAULT 1", "A ALTER b SET NOT NULL",
      "A ADD UNIQUE (a)", "A ADD CONSTRAINT c CHECK (b > 0)", "A SET (fillfactor = 70)"}},
    {"ALTER TABLE orders ALTER a SET DEFAULT 5, ALTER b DROP DEFAULT, ALTER a SET NOT NULL",
     {"A ALTER b DROP DEFAULT", "A ALTER a SET NOT NULL", "A ALTER a SET DEFAULT 5"}},
    // A column's own constraints become the table's.
    {"ALTER TABLE orders ADD a text COLLATE \"C\" CONSTRAINT positive CHECK (a <> '') DEFAULT 'x' NOT NULL "
     "CONSTRAINT u UNIQUE NULLS NOT DISTINCT DEFERRABLE INITIALLY DEFERRED REFERENCES app.t (x) ON DELETE CASCADE "
     "DEFERRABLE",
     {"A ADD a text COLLATE \"C\" DEFAULT 'x' NOT NULL",
      "A ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (\"a\") DEFERRABLE INITIALLY DEFERRED",
      "A ADD CONSTRAINT positive CHECK (a <> '')",
      "A ADD FOREIGN KEY (\"a\") REFERENCES app.t (x) ON DELETE CASCADE DEFERRABLE"}},
    {"ALTER TABLE orders ADD id int PRIMARY KEY WITH (fillfactor = 70) USING INDEX TABLESPACE fast",
     {"A ADD id int", "A ADD PRIMARY KEY (\"id\") WITH (fillfactor = 70) USING INDEX TABLESPACE fast"}},
    // Nothing says what old rows get: a NULL that SET NOT NULL finds.
    {"ALTER TABLE orders ADD a int NOT NULL", {"A ADD a int", "A ALTER COLUMN \"a\" SET NOT NULL"}},
    {"ALTER TABLE orders ADD a serial NOT NULL", {"A ADD a serial NOT NULL"}},
    {"ALTER TABLE orders ADD g int GENERATED ALWAYS AS (a + b) STORED NOT NULL",
     {"A ADD g int GENERATED ALWAYS AS (a + b) STORED NOT NULL"}},
    {"ALTER TABLE orders RENAME a TO \"B\"; ALTER TABLE orders RENAME CONSTRAINT c TO d; ALTER INDEX i RENAME TO j",
     {"A RENAME a TO \"B\"", "A RENAME CONSTRAINT c TO d", R"(ALTER INDEX "public"."i" RENAME TO j)"}},
    {"DROP INDEX CONCURRENTLY IF EXISTS i, public.j CASCADE",
     {R"(DROP INDEX IF EXISTS "public"."i" CASCADE)", R"(DROP INDEX IF EXISTS "public"."j" CASCADE)"}},
    {"CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY orders (a)",
     {R"(CREATE INDEX  IF NOT EXISTS i ON ONLY "public"."orders" (a))"}},
    {"BEGIN; SET lock_timeout = '2s'; COMMENT ON COLUMN orders.a IS 'x'; ALTER SEQUENCE s OWNED BY orders.a; "
     "ALTER SEQUENCE app.s AS bigint; COMMIT;",
     {"COMMENT ON COLUMN public.orders.a IS 'x'", R"(ALTER SEQUENCE "s" OWNED BY "public"."orders"."a")",
      R"(ALTER SEQUENCE "app"."s" AS bigint)"}},
};
INSTANTIATE_TEST_SUITE_P(Alters, Split, testing::ValuesIn(kAlters));

TEST(SplitIntoParts, TellsKindsNamesAndColumns) {
    const auto parts = split(
        "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (a, b) REFERENCES other (x, y) NOT VALID DEFERRABLE,\n"
        "ADD EXCLUDE USING gist (during WITH &&), ADD CONSTRAINT pk PRIMARY KEY USING INDEX i DEFERRABLE;\n"
        "CREATE UNIQUE INDEX u ON orders (lower(a), b) INCLUDE (c) WHERE d > 0");
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts[0].kind, PartKind::add_exclusion);
    EXPECT_EQ(parts[0].columns, Lines{"during"});
    EXPECT_EQ(parts[1].kind, PartKind::add_constraint_using_index);
    EXPECT_EQ(parts[1].index, "i");
    EXPECT_EQ(parts[1].attributes, "DEFERRABLE");
    EXPECT_EQ(parts[2].kind, PartKind::add_foreign_key);
    EXPECT_EQ(parts[2].name, "c");
    EXPECT_EQ(parts[2].columns, (Lines{"a", "b"}));
    EXPECT_EQ(parts[2].references, (QualifiedName{"", "other"}));
    EXPECT_EQ(parts[2].referenced_columns, (Lines{"x", "y"}));
    EXPECT_TRUE(parts[2].not_valid);
    EXPECT_EQ(parts[2].clause, "FOREIGN KEY (a, b) REFERENCES other (x, y) DEFERRABLE");
    EXPECT_FALSE(parts[2].match_full);
    EXPECT_TRUE(split("alter table orders add foreign key (a, b) references other match  full")[0].match_full);
    EXPECT_EQ(parts[3].kind, PartKind::create_index);
    EXPECT_TRUE(parts[3].unique);
    EXPECT_EQ(parts[3].line, 3);
    EXPECT_EQ(parts[3].columns, (Lines{"a", "b", "c", "d"}));
    EXPECT_EQ(parts[3].clause, R"(ON "public"."orders" (lower(a), b) INCLUDE (c) WHERE d > 0)");
}

TEST(SplitIntoParts, GivesWhatAnIndexOfAKeyNeeds) {
    const auto parts = split(
        "ALTER TABLE orders ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a, \"B b\") INCLUDE (c) WITH (fillfactor = 70) "
        "USING INDEX TABLESPACE fast DEFERRABLE INITIALLY DEFERRED, ADD PRIMARY KEY (x)");
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].index_clause,
              "(a, \"B b\") INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 70) TABLESPACE fast");
    EXPECT_EQ(parts[0].attributes, "DEFERRABLE INITIALLY DEFERRED");
    EXPECT_EQ(parts[1].index_clause, "(x)");
    EXPECT_EQ(parts[1].attributes, "");
}

TEST(SplitIntoParts, GivesExpressionsInTheUsersWords) {
    const auto parts = split(
        "ALTER TABLE orders ADD CHECK (orders.a IN (1, 2) /* so */ AND b <> ')') NO INHERIT NOT VALID, "
        "ALTER b SET DEFAULT 'DEFAULT, or not', ALTER c TYPE int USING c::int, ADD d text DEFAULT E'x\\'' NOT NULL");
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts[0].expression, "c::int");
    EXPECT_EQ(parts[1].expression, "E'x\\''");
    EXPECT_EQ(parts[2].expression, "orders.a IN (1, 2) /* so */ AND b <> ')'");
    EXPECT_EQ(parts[2].clause, "CHECK (orders.a IN (1, 2) /* so */ AND b <> ')') NO INHERIT");
    EXPECT_EQ(parts[3].expression, "'DEFAULT, or not'");
}

TEST(SplitIntoParts, FillsAnAddedColumnBeforeItMustBeFull) {
    const auto parts = split(
        "ALTER TABLE orders ADD COLUMN s text CHECK (s <> '') DEFAULT 'new' NOT NULL; CREATE INDEX i ON orders (s)",
        {{"s", "upper(a)"}});
    EXPECT_EQ(said(parts), expand({"A ADD COLUMN s text", "A ALTER COLUMN \"s\" SET DEFAULT 'new'", "fill s: upper(a)",
                                   "A ALTER COLUMN \"s\" SET NOT NULL", "A ADD CHECK (s <> '')",
                                   R"(CREATE INDEX i ON "public"."orders" (s))"}));
    EXPECT_FALSE(parts[2].standing);
}

TEST(SplitIntoParts, FillsWhatTheServerWouldComputeForEachRow) {
    const auto parts = split("ALTER TABLE orders ADD u uuid NOT NULL DEFAULT gen_random_uuid(), ADD a int DEFAULT 5",
                             {}, Known{{}, {"u"}});
    EXPECT_EQ(said(parts),
              expand({"A ADD u uuid", "A ALTER COLUMN \"u\" SET DEFAULT gen_random_uuid()", "A ADD a int DEFAULT 5",
                      "fill u: gen_random_uuid()", "A ALTER COLUMN \"u\" SET NOT NULL"}));
}

TEST(SplitIntoParts, FindsAValueUnderTheNameThatItHasThen) {
    const auto parts = split("ALTER TABLE orders ADD a int; ALTER TABLE orders RENAME a TO b", {{"b", "1"}});
    EXPECT_EQ(said(parts), expand({"A ADD a int", "fill a: 1", "A RENAME a TO b"}));
}

TEST(SplitIntoParts, DropsWhatAFillReadsBehindIt) {
    const auto parts = split("ALTER TABLE orders DROP first, DROP last, DROP other, ADD full_name text",
                             {{"full_name", "first || last"}});
    EXPECT_EQ(said(parts), expand({"A DROP other", "A ADD full_name text", "fill full_name: first || last",
                                   "A DROP first", "A DROP last"}));
}

TEST(SplitIntoParts, KnowsFillsThatNeedTheOldRow) {
    const auto why = [](const std::string& sql, const std::map<std::string, std::string>& values) {
        for (const auto& part : split(sql, values)) {
            if (part.kind == PartKind::fill) return part.only_shadow;
        }
        return std::string("no fill");
    };
    EXPECT_NE(why("ALTER TABLE orders RENAME a TO b; ALTER TABLE orders ADD c int", {{"c", "a + 1"}}), "");
    EXPECT_NE(why("ALTER TABLE orders ALTER a TYPE text; ALTER TABLE orders ADD c int", {{"c", "a + 1"}}), "");
    EXPECT_NE(why("ALTER TABLE orders DROP a, ADD a text", {{"a", "a::text"}}), "");
    EXPECT_NE(why("ALTER TABLE orders ALTER a TYPE text", {{"a", "b"}}), "");
    EXPECT_NE(why("", {{"a", "upper(a)"}}), "");
    EXPECT_EQ(why("", {{"a", "coalesce(a, b)"}}), "");
    EXPECT_EQ(why("", {{"a", "b"}}), "");
}

TEST(SplitIntoParts, FillsAStandingColumnBehindItsDefault) {
    const auto parts =
        split("ALTER TABLE orders ALTER a SET NOT NULL, ALTER a SET DEFAULT 'x', ADD b int", {{"a", "'old'"}});
    EXPECT_EQ(said(parts),
              expand({"A ADD b int", "A ALTER a SET DEFAULT 'x'", "fill a: 'old'", "A ALTER a SET NOT NULL"}));
    EXPECT_TRUE(parts[2].standing);
    EXPECT_EQ(said(split("ALTER TABLE orders RENAME a TO b", {{"b", "1"}})), expand({"fill a: 1", "A RENAME a TO b"}));
    EXPECT_EQ(said(split("ALTER TABLE orders DROP c", {{"b", "c"}})), expand({"fill b: c", "A DROP c"}));
}

TEST(SplitIntoParts, KeepsAForeignKeyWithAColumnThatStaysEmpty) {
    const std::string sql =
        "ALTER TABLE orders ADD p int CONSTRAINT k REFERENCES parent (id) ON DELETE CASCADE CHECK (p > 0)";
    const auto parts = split(sql);
    EXPECT_EQ(said(parts),
              expand({"A ADD p int CONSTRAINT k REFERENCES parent (id) ON DELETE CASCADE", "A ADD CHECK (p > 0)"}));
    EXPECT_EQ(parts[0].references, (QualifiedName{"", "parent"}));
    EXPECT_EQ(said(split(sql, {{"p", "1"}})),
              expand({"A ADD p int", "fill p: 1",
                      "A ADD CONSTRAINT k FOREIGN KEY (\"p\") REFERENCES parent (id) ON DELETE CASCADE",
                      "A ADD CHECK (p > 0)"}));
    EXPECT_EQ(said(split("ALTER TABLE orders ADD p int DEFAULT 1 REFERENCES parent")),
              expand({"A ADD p int DEFAULT 1", "A ADD FOREIGN KEY (\"p\") REFERENCES parent"}));
}

TEST(SplitIntoParts, PutsFillsSideBySide) {
    EXPECT_EQ(said(split("ALTER TABLE orders ADD s text NOT NULL DEFAULT 'x'; ALTER TABLE orders ADD c int; "
                         "CREATE INDEX i ON orders (s); ALTER TABLE orders ADD u int",
                         {{"s", "upper(a)"}, {"u", "b + 1"}, {"old", "'x'"}})),
              expand({"A ADD s text", "A ALTER COLUMN \"s\" SET DEFAULT 'x'", "A ADD c int", "A ADD u int",
                      "fill s: upper(a)", "fill u: b + 1", "fill old: 'x'", "A ALTER COLUMN \"s\" SET NOT NULL",
                      R"(CREATE INDEX i ON "public"."orders" (s))"}));
    // What has to come between them keeps them apart.
    EXPECT_EQ(
        said(split("ALTER TABLE orders ADD s int; ALTER TABLE orders DROP CONSTRAINT k; ALTER TABLE orders ADD u int",
                   {{"s", "1"}, {"u", "2"}})),
        expand({"A ADD s int", "fill s: 1", "A DROP CONSTRAINT k", "A ADD u int", "fill u: 2"}));
    EXPECT_EQ(said(split("ALTER TABLE orders ADD s int; ALTER TABLE orders RENAME a TO z; ALTER TABLE orders ADD u int",
                         {{"s", "a"}, {"u", "b"}})),
              expand({"A ADD s int", "fill s: a", "A RENAME a TO z", "A ADD u int", "fill u: b"}));
}

TEST(SplitIntoParts, LeavesValuesThatReadEachOtherToTheShadow) {
    const auto parts = split("ALTER TABLE orders ADD s int", {{"s", "coalesce(b, 0) + 1"}, {"b", "5"}});
    std::vector<std::string> left;
    for (const auto& part : parts) {
        if (!part.only_shadow.empty()) left.push_back(part.summary);
    }
    EXPECT_EQ(left, std::vector<std::string>{"fill column s"});
}

TEST(SplitIntoParts, PassesOverWhatIsThereOrNot) {
    const Known known{{"a", "b"}, {}};
    EXPECT_EQ(said(split("ALTER TABLE orders ADD IF NOT EXISTS a int UNIQUE CHECK (a > 0), ADD IF NOT EXISTS c int, "
                         "DROP IF EXISTS x; ALTER TABLE orders ADD COLUMN IF NOT EXISTS c int",
                         {}, known)),
              expand({"A ADD IF NOT EXISTS c int"}));
    EXPECT_EQ(said(split("ALTER TABLE orders DROP IF EXISTS a; ALTER TABLE orders ADD IF NOT EXISTS a int", {}, known)),
              expand({"A DROP IF EXISTS a", "A ADD IF NOT EXISTS a int"}));
}

TEST(SplitIntoParts, EveryPartCanBeTurnedToAnotherTable) {
    const std::string sql =
        "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES other (x), ADD b int REFERENCES app.more";
    const auto references = parse_user_sql(sql, kTable, "s").references;
    std::vector<std::string> turned;
    for (const auto& part : split(sql)) turned.push_back(part_on(part, kTable, "s", references));
    EXPECT_EQ(turned, (std::vector<std::string>{
                          R"(ALTER TABLE "s"."orders" ADD b int REFERENCES "s_2"."more")",
                          R"(ALTER TABLE "s"."orders" ADD FOREIGN KEY (a) REFERENCES "s_1"."other" (x))"}));
}

TEST(PartOfConstraint, ReadsWhatTheServerSays) {
    const auto check = part_of_constraint("c", "CHECK (((a > 0) AND (b IS NOT NULL))) NOT VALID", kTable);
    ASSERT_TRUE(check);
    EXPECT_EQ(check->expression, "((a > 0) AND (b IS NOT NULL))");
    EXPECT_EQ(check->columns, (std::vector<std::string>{"a", "b"}));
    const auto key =
        part_of_constraint("k", "FOREIGN KEY (a) REFERENCES public.p(id) ON DELETE CASCADE NOT VALID", kTable);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->references->sql(), R"("public"."p")");
    EXPECT_EQ(key->referenced_columns, (std::vector<std::string>{"id"}));
    EXPECT_FALSE(part_of_constraint("n", "SOMETHING a NEW", kTable));
}

}  // namespace
}  // namespace pgwraith::plan
