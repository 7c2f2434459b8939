#include "pgwraith/plan/server_text.h"

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {
namespace {

constexpr auto npos = std::string_view::npos;
const std::string target = R"("new app"."o ON x")";

struct Found {
    const char* text;
    std::size_t first;
    std::size_t last;
};

TEST(FindUnquoted, LooksIntoNothingThatIsQuoted) {
    const Found found[] = {
        {"a ON b", 1, 1},
        {"a ON b ON c", 1, 6},
        {R"("a ON b" ON c)", 8, 8},
        {R"("a"" ON b" ON c)", 10, 10},
        {R"('a ON b' ON c)", 8, 8},
        {R"('it''s ON b' ON c)", 12, 12},
        {R"('a\' ON b)", 4, 4},           // a backslash means nothing here
        {R"(E'a\' ON b' ON c)", 11, 11},  // and escapes here
        {R"(nameE'a\' ON b)", 9, 9},      // not an escape string: the E is part of a word
        {"$$ ON $$ ON c", 8, 8},
        {"$b$ ON $c$ ON $b$ ON c", 17, 17},
        {"a$b ON c$b ON d", 3, 10},  // names with dollars are no quotes
        {"$1 ON c", 2, 2},           // nor is a parameter
        {R"("a ON b)", npos, npos},  // never ends
        {"$$ ON b", npos, npos},
        {"", npos, npos},
    };
    for (const auto& [text, first, last] : found) {
        EXPECT_EQ(find_unquoted(text, " ON "), first) << text;
        EXPECT_EQ(find_last_unquoted(text, " ON "), last) << text;
    }
}

TEST(FindUnquoted, ANameEndsOutsideOfItsQuotes) {
    for (const auto* name : {"t", "app.t", R"x("my app"."a (b)")x", R"(app."q"" x")"}) {
        for (const auto* behind : {" USING", "\n DO", "(a)", ""}) {
            const auto text = std::string(name) + behind;
            EXPECT_EQ(end_of_name(text, 0), std::string_view(name).size()) << text;
        }
    }
}

struct Surgery {
    const char* before;
    const char* after;
};

TEST(ServerText, AnIndexOnAnotherTable) {
    const Surgery cases[] = {
        {"CREATE INDEX i ON app.t USING btree (a)", R"(CREATE INDEX i ON "new app"."o ON x" USING btree (a))"},
        {"CREATE INDEX i ON ONLY app.t USING btree (a)", R"(CREATE INDEX i ON "new app"."o ON x" USING btree (a))"},
        {R"(CREATE INDEX "x ON y" ON "my app"."a USING b" USING gin (c))",
         R"(CREATE INDEX "x ON y" ON "new app"."o ON x" USING gin (c))"},
        {R"(CREATE INDEX i ON app.t USING btree (a) WHERE (b = ' ON app.t '))",
         R"(CREATE INDEX i ON "new app"."o ON x" USING btree (a) WHERE (b = ' ON app.t '))"},
        {R"(CREATE TRIGGER t AFTER UPDATE OF "a ON b" ON app.t FOR EACH ROW EXECUTE FUNCTION f())",
         R"(CREATE TRIGGER t AFTER UPDATE OF "a ON b" ON "new app"."o ON x" FOR EACH ROW EXECUTE FUNCTION f())"},
    };
    for (const auto& [before, after] : cases) EXPECT_EQ(on_table(before, target), after);
    for (const auto* text :
         {"CREATE INDEX i", "CREATE INDEX i ON ", "CREATE INDEX i ON t", "CREATE INDEX i ON ONLY "}) {
        EXPECT_THROW(on_table(text, target), Error) << text;
    }
}

TEST(ServerText, PutsAnotherTableInItsPlace) {
    const std::string other = "\"n\".\"T\"";
    EXPECT_EQ(on_table("CREATE INDEX i ON public.t USING btree (a)", other),
              "CREATE INDEX i ON \"n\".\"T\" USING btree (a)");
    EXPECT_EQ(on_table("CREATE UNIQUE INDEX i ON ONLY public.t USING btree (a) WHERE (b > 0)", other),
              "CREATE UNIQUE INDEX i ON \"n\".\"T\" USING btree (a) WHERE (b > 0)");
    // Names that look like the words between them.
    EXPECT_EQ(on_table("CREATE INDEX \"x ON y\" ON \"my app\".\"a USING b\" USING gin (c)", other),
              "CREATE INDEX \"x ON y\" ON \"n\".\"T\" USING gin (c)");
    EXPECT_EQ(on_table("CREATE INDEX \"q\"\" ON \" ON public.t USING btree (a)", other),
              "CREATE INDEX \"q\"\" ON \" ON \"n\".\"T\" USING btree (a)");
    EXPECT_THROW(on_table("CREATE INDEX i", other), Error);
}

TEST(ServerText, ARuleOnAnotherTable) {
    const Surgery cases[] = {
        {"CREATE RULE r AS\n    ON INSERT TO app.t DO INSTEAD NOTHING",
         "CREATE RULE r AS\n    ON INSERT TO \"new app\".\"o ON x\" DO INSTEAD NOTHING"},
        {"CREATE RULE \"a TO b\" AS\n    ON UPDATE TO \"T to\"\n   WHERE (old.a = ' TO ') DO NOTIFY x",
         "CREATE RULE \"a TO b\" AS\n    ON UPDATE TO \"new app\".\"o ON x\"\n   WHERE (old.a = ' TO ') DO NOTIFY x"},
    };
    for (const auto& [before, after] : cases) EXPECT_EQ(rule_on_table(before, target), after);
    EXPECT_THROW(rule_on_table("CREATE RULE r AS ON INSERT", target), Error);
    EXPECT_THROW(rule_on_table("CREATE RULE r AS ON INSERT TO t", target), Error) << "it does something";
}

TEST(ServerText, StatisticsOfAnotherTable) {
    const Surgery cases[] = {
        {"CREATE STATISTICS app.s ON a, b FROM app.t", R"(CREATE STATISTICS n.s ON a, b FROM "new app"."o ON x")"},
        {R"(CREATE STATISTICS "a FROM b"."c d" (mcv) ON (EXTRACT(year FROM a)), b FROM app.t)",
         R"(CREATE STATISTICS n.s (mcv) ON (EXTRACT(year FROM a)), b FROM "new app"."o ON x")"},
        {R"(CREATE STATISTICS s ON (a || ' FROM '), b FROM app."x FROM y")",
         R"(CREATE STATISTICS n.s ON (a || ' FROM '), b FROM "new app"."o ON x")"},
    };
    for (const auto& [before, after] : cases) EXPECT_EQ(statistics_on_table(before, "n.s", target), after);
    EXPECT_THROW(statistics_on_table("CREATE STATISTICS s ON a, b", "n.s", target), Error);
}

TEST(ServerText, ARoutineByAnotherName) {
    const QualifiedName name{"other", "f"};
    EXPECT_EQ(routine_with_name(
                  "CREATE OR REPLACE FUNCTION app.\"f(x)\"(a app.t)\n RETURNS int\nAS $function$f($function$", name),
              "CREATE OR REPLACE FUNCTION \"other\".\"f\"(a app.t)\n RETURNS int\nAS $function$f($function$");
    EXPECT_EQ(routine_with_name("CREATE OR REPLACE PROCEDURE app.p()\n", name),
              "CREATE OR REPLACE PROCEDURE \"other\".\"f\"()\n");
    EXPECT_THROW(routine_with_name("CREATE AGGREGATE a", name), Error);
}

TEST(ServerText, TheRelationOfAStatement) {
    EXPECT_EQ(relation_of("ALTER TABLE app.t VALIDATE CONSTRAINT c"), "app.t");
    EXPECT_EQ(relation_of(R"(ALTER TABLE ONLY "a b"."c d" VALIDATE CONSTRAINT c)"), R"("a b"."c d")");
    EXPECT_EQ(relation_of("REFRESH MATERIALIZED VIEW app.v"), "app.v");
    EXPECT_EQ(relation_of("VACUUM app.t"), "");
}

TEST(ServerText, ASemicolonAtTheEndGoes) {
    EXPECT_EQ(without_semicolon("SELECT 1;\n "), "SELECT 1");
    EXPECT_EQ(without_semicolon("SELECT ';'"), "SELECT ';'");
}

}  // namespace
}  // namespace pgwraith::plan
