#include "pgwraith/plan/redirect.h"

#include <gtest/gtest.h>

namespace pgwraith::plan {
namespace {

std::string redirected(const std::string& sql) {
    const std::vector<std::string> path{"app", "public"};
    const std::map<QualifiedName, QualifiedName> to{{{"app", "t"}, {"new", "t"}},
                                                    {{"public", "Seen By"}, {"new", "view_1"}}};
    return redirect(sql, path, to).value_or("none");
}

TEST(Redirect, RelationsKeepTheirNameAsAlias) {
    EXPECT_EQ(redirected("SELECT t.id FROM t"), R"(SELECT t.id FROM "new"."t")");
    EXPECT_EQ(redirected("SELECT id FROM app . t x, ONLY t"), R"(SELECT id FROM "new"."t" x, ONLY "new"."t")");
    EXPECT_EQ(redirected(R"(SELECT 1 FROM public."Seen By" JOIN "Seen By" AS s USING (id))"),
              R"(SELECT 1 FROM "new"."view_1" AS "Seen By" JOIN "new"."view_1" AS s USING (id))");
    EXPECT_EQ(redirected("SELECT (SELECT max(a) FROM t) FROM other.t"),
              R"(SELECT (SELECT max(a) FROM "new"."t") FROM other.t)");
}

TEST(Redirect, ColumnsThatNameTheSchemaLoseIt) {
    EXPECT_EQ(redirected("SELECT app.t.id, app.t.* FROM app.t WHERE other.t.id = 1"),
              R"(SELECT t.id, t.* FROM "new"."t" WHERE other.t.id = 1)");
}

TEST(Redirect, NamesThatAreNoneOfARelationStay) {
    EXPECT_EQ(redirected("WITH t AS (SELECT 1) SELECT * FROM t"), "WITH t AS (SELECT 1) SELECT * FROM t");
    EXPECT_EQ(redirected("SELECT 't' AS t FROM app.t FOR UPDATE OF t"),
              R"(SELECT 't' AS t FROM "new"."t" FOR UPDATE OF t)");
}

TEST(Redirect, WhatLeavesNoRoomIsLeftAlone) {
    EXPECT_EQ(redirected("TABLE t"), R"(TABLE "new"."t")");
    EXPECT_EQ(redirected(R"(TABLE "Seen By")"), "none");
    EXPECT_EQ(redirected("SELECT FROM FROM t"), "none");
    EXPECT_EQ(redirected("SELECT 1 FROM t; SELECT 2 FROM t"), "none");
}

TEST(Redirect, BodiesOfFunctions) {
    EXPECT_EQ(
        redirected("CREATE FUNCTION new.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM app.t; END"),
        R"(CREATE FUNCTION new.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM "new"."t"; END)");
}

TEST(Redirect, OneQuery) {
    EXPECT_EQ(is_one_query("SELECT 1"), true);
    EXPECT_EQ(is_one_query("VALUES (1)"), true);
    EXPECT_EQ(is_one_query("SELECT 1; SELECT 2"), false);
    EXPECT_EQ(is_one_query("SELECT 1 INTO x"), false);
    EXPECT_EQ(is_one_query("DELETE FROM t"), false);
    EXPECT_EQ(is_one_query(""), false);
    EXPECT_EQ(is_one_query("SELEC 1"), std::nullopt);
}

TEST(WithName, WholeNamesOnly) {
    EXPECT_EQ(with_name("f(p public.t) RETURNS public.t[]", "public.t", "n.t"), "f(p n.t) RETURNS n.t[]");
    EXPECT_EQ(with_name("public.t2, public.t$, not_public.t, public.t.a", "public.t", "n.t"),
              "public.t2, public.t$, not_public.t, public.t.a");
    EXPECT_EQ(with_name("public.\"t\"x", "public.\"t\"", "n.t"), "public.\"t\"x");
    EXPECT_EQ(with_name("('public.t'::regclass = x)", "'public.t'::regclass", "'n.t'::regclass"),
              "('n.t'::regclass = x)");
    EXPECT_EQ(with_name("'it''s ''public.t''::regclass'", "'public.t'::regclass", "'n.t'::regclass"),
              "'it''s ''public.t''::regclass'");
    EXPECT_EQ(with_name("public.f(a), public.ff(a)", "public.f(", "n.f("), "n.f(a), public.ff(a)");
}

}  // namespace
}  // namespace pgwraith::plan
