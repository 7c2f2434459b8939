// A script of several tables: what each statement is about.
#include "pgwraith/plan/by_table.h"

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {
namespace {

using About = ScriptStatement::About;

TEST(ReadScript, KnowsWhatEachStatementIsAbout) {
    struct Case {
        const char* sql;
        About about;
        QualifiedName name;
    };
    const Case cases[] = {
        {"ALTER TABLE app.t ADD a int", About::table, {"app", "t"}},
        {"ALTER TABLE ONLY \"T t\" RENAME COLUMN a TO b", About::table, {"", "T t"}},
        {"ALTER TABLE t RENAME CONSTRAINT a TO b", About::table, {"", "t"}},
        {"ALTER TABLE t RENAME TO u", About::table, {"", "t"}},
        {"CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", About::table, {"", "t"}},
        {"CREATE STATISTICS s ON a, b FROM app.t", About::table, {"app", "t"}},
        {"COMMENT ON COLUMN app.t.a IS 'x'", About::table, {"app", "t"}},
        {"COMMENT ON TABLE t IS 'x'", About::table, {"", "t"}},
        {"COMMENT ON CONSTRAINT c ON app.t IS 'x'", About::table, {"app", "t"}},
        {"COMMENT ON INDEX app.i IS 'x'", About::index, {"app", "i"}},
        {"DROP INDEX CONCURRENTLY IF EXISTS app.i", About::index, {"app", "i"}},
        {"ALTER INDEX i RENAME TO j", About::index, {"", "i"}},
        {"ALTER INDEX i SET (fillfactor = 70)", About::index, {"", "i"}},
        {"DROP STATISTICS s", About::statistics, {"", "s"}},
        {"ALTER SEQUENCE app.s AS bigint", About::sequence, {"app", "s"}},
        {"BEGIN", About::around, {}},
        {"SET lock_timeout = '1s'", About::around, {"", "lock_timeout"}},
        {"CREATE TABLE n (a int)", About::makes, {}},
        {"CREATE TYPE role AS ENUM ('a')", About::makes, {}},
        {"INSERT INTO t VALUES (1)", About::rows, {}},
        {"DO $$ BEGIN END $$", About::block, {}},
        {"DROP TABLE t", About::other, {}},
        {"ALTER VIEW v RENAME TO w", About::other, {"", "v"}},
    };
    for (const auto& one : cases) {
        const auto found = read_script(one.sql);
        ASSERT_EQ(found.size(), 1U) << one.sql;
        EXPECT_EQ(found[0].about, one.about) << one.sql;
        EXPECT_EQ(found[0].name, one.name) << one.sql;
        EXPECT_EQ(found[0].text, one.sql);
    }
}

TEST(ReadScript, KnowsWhatAStatementMakes) {
    const auto found = read_script(
        "CREATE TABLE app.n (); CREATE TYPE \"Role\" AS ENUM (); CREATE DOMAIN d AS int; "
        "CREATE SCHEMA s; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    ASSERT_EQ(found.size(), 5U);
    EXPECT_EQ(found[0].creates, (QualifiedName{"app", "n"}));
    EXPECT_EQ(found[1].creates.name, "Role");
    EXPECT_EQ(found[2].creates.name, "d");
    EXPECT_EQ(found[3].creates.name, "s");
    EXPECT_EQ(found[4].creates.name, "f");
}

TEST(ReadScript, CountsLinesAndNamesWhatItCannotRead) {
    const auto found = read_script("-- first\n\nBEGIN;\nALTER TABLE t\n  ADD a text DEFAULT 'x;y' -- why\n;\nCOMMIT");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[1].line, 4);
    EXPECT_EQ(found[1].text, "ALTER TABLE t\n  ADD a text DEFAULT 'x;y'");
    EXPECT_TRUE(read_script("").empty());
    try {
        read_script("SELECT 1;\nALTR TABLE t");
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("line 2"), std::string::npos);
    }
}

}  // namespace
}  // namespace pgwraith::plan
