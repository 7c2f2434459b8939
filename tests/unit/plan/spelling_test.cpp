#include "pgwraith/plan/spelling.h"

#include <gtest/gtest.h>

namespace pgwraith::plan {
namespace {

std::string checked(const std::string& expression) {
    constexpr std::string_view begin = "ALTER TABLE t ADD CHECK ";
    return in_same_words(std::string(begin) + expression).substr(begin.size());
}

TEST(Spelling, AnArrayKeepsItsCast) {
    EXPECT_EQ(checked("((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[]))"),
              "((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying]::character varying[])"
              "::text[]))");
    EXPECT_EQ(checked(R"(f((ARRAY[g(s)::"a b".c, (s)::"a b".c])::text[]))"),
              R"(f((ARRAY[g(s)::"a b".c, (s)::"a b".c]::"a b".c[])::text[]))");
    EXPECT_EQ(checked("f((ARRAY['a'::character varying, t.s])::text[])"),
              "f((ARRAY['a'::character varying, t.s]::character varying[])::text[])");
    EXPECT_EQ(checked("f((ARRAY['a'::character varying(3), (b)::character varying(3)])::text[])"),
              "f((ARRAY['a'::character varying(3), (b)::character varying(3)]::character varying(3)[])::text[])");
    EXPECT_EQ(checked("f((ARRAY[(x)::timestamp(3) without time zone])::text[])"),
              "f((ARRAY[(x)::timestamp(3) without time zone]::timestamp(3) without time zone[])::text[])");
    EXPECT_EQ(checked("((s)::text = ANY ((ARRAY['a'::character varying(3), 'b'::character varying(5)])::text[]))"),
              "((s)::text = ANY ((ARRAY['a'::character varying(3), 'b'::character varying(5)])))");
    EXPECT_EQ(checked("((((s)::text <> ALL ((ARRAY['a'::character varying(3), b])::text[])) OR (a OR b)) OR c)"),
              "((((s)::text <> ALL ((ARRAY['a'::character varying(3), b]))) OR (a OR b))::boolean OR c)");
    // What else the server casts them to is not seen. (With a char(n) in front it is an array of that, without blanks.)
    for (const std::string unsure :
         {"f((ARRAY[(x)::integer, big])::numeric[])", "f((ARRAY[(x)::integer, (y)::bigint])::numeric[])",
          "f((ARRAY['a'::character varying(3), 'b'::character varying(5)])::text[])",
          "f((ARRAY['a'::character varying(3), 'b'::character varying])::text[])",
          "f((ARRAY['a'::character varying(3), s])::text[])", "f((ARRAY[c, 'a '::character varying])::text[])",
          "((s)::text ~ ANY ((ARRAY['a'::character varying(3), b])::text[]))",
          "((s)::citext = ANY ((ARRAY['a'::character varying(3), b])::citext[]))",
          R"(f((ARRAY[CASE WHEN b THEN 'x'::text END, (s)::"a b".c])::text[]))"}) {
        EXPECT_EQ(checked(unsure), unsure);
    }
}

TEST(Spelling, AConditionWithinAnotherStays) {
    EXPECT_EQ(checked("(((a >= 1) AND (a <= 2)) AND (b = 3))"), "(((a >= 1) AND (a <= 2))::boolean AND (b = 3))");
    EXPECT_EQ(checked("((((a < 1) OR (a > 2)) OR (b = 3)) AND c)"),
              "((((a < 1) OR (a > 2))::boolean OR (b = 3)) AND c)");
}

TEST(Spelling, AColumnWithoutANameGetsNone) {
    EXPECT_EQ(
        in_same_words("CREATE VIEW v AS  SELECT t.a AS x FROM t UNION ALL SELECT DISTINCT 'b'::text, t.name, name, "
                      "now() AS now, 1 FROM t"),
        "CREATE VIEW v AS  SELECT t.a AS x FROM t UNION ALL SELECT DISTINCT 'b'::text AS \"?column?\", t.name, "
        "name, now() AS now, 1 AS \"?column?\" FROM t");
    EXPECT_EQ(in_same_words("CREATE VIEW v AS SELECT EXISTS ( SELECT 1 FROM t WHERE (t.a = 2)) AS x"),
              "CREATE VIEW v AS SELECT EXISTS ( SELECT 1 AS \"?column?\" FROM t WHERE (t.a = 2)) AS x");
}

TEST(Spelling, NothingElseChanges) {
    for (const std::string expression :
         {"(s = ANY (ARRAY['a'::text]))", "(a AND (b AND c) AND d)", "(((a AND b) OR c) AND d)",
          "(s = '((a AND b) AND (ARRAY[''x''::text])::text[]'::text)", "((\"(ARRAY[\" AND b))"}) {
        EXPECT_EQ(checked(expression), expression);
    }
    for (const std::string statement :
         {"CREATE POLICY p ON t AS PERMISSIVE FOR SELECT TO PUBLIC USING ((a = 1))", "GRANT SELECT, INSERT ON t TO x",
          "REVOKE SELECT ON t FROM x", "SELECT AND ((", "COMMENT ON TABLE t IS 'SELECT (ARRAY['", ""}) {
        EXPECT_EQ(in_same_words(statement), statement);
    }
    // A grammar that is newer than the one that is known here.
    EXPECT_EQ(
        in_same_words("CREATE VIEW v AS SELECT * FROM JSON_TABLE(x, '$' COLUMNS (a int)) WHERE ((a AND b) AND c)"),
        "CREATE VIEW v AS SELECT * FROM JSON_TABLE(x, '$' COLUMNS (a int)) WHERE ((a AND b)::boolean AND c)");
}

}  // namespace
}  // namespace pgwraith::plan
