#include "pgwraith/catalog/statement.h"

#include <gtest/gtest.h>

namespace pgwraith::catalog {
namespace {

std::string shown(const std::string& sql) { return statement_in_words(sql, false); }

TEST(StatementInWords, HasNoLiteral) {
    EXPECT_EQ(shown("UPDATE t SET a = 'O''Hara', b = 42 WHERE id=7.5e3"), "UPDATE t SET a = ?, b = ? WHERE id=?");
    EXPECT_EQ(shown("SELECT $$it's$$, $x$a$$b$x$, $1, a1, \"t'x 2\" FROM t2"),
              "SELECT ?, ?, $1, a1, \"t'x 2\" FROM t2");
    EXPECT_EQ(shown("SELECT .5, 0xFF, 1_000"), "SELECT ?, ?, ?");
}

TEST(StatementInWords, IsOnOneLineAndShort) {
    EXPECT_EQ(shown("\n  SELECT 1 -- secret\n  FROM\tt /* 'x */;\n"), "SELECT ? FROM t");
    EXPECT_EQ(shown("SELECT aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc FROM t"),
              "SELECT aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbb, cccc…");
    EXPECT_EQ(shown("SELECT 1, äääääääääääääääääääääääääääääääääääääää"), "SELECT ?, äääääääääääääääääääääääää…")
        << "no half of a character";
    EXPECT_EQ(shown(""), "");
}

TEST(StatementInWords, EndsWhereALiteralMayNotEnd) {
    EXPECT_EQ(shown("SELECT 'no end"), "SELECT ?");
    EXPECT_EQ(shown(R"(SELECT E'a\' , secret', 'x')"), "SELECT E?…");
    EXPECT_EQ(shown("SELECT $a$no end"), "SELECT ?");
    EXPECT_EQ(shown("SELECT /* a /* b */ 'c */ 1"), "SELECT…");
    EXPECT_EQ(shown("SELECT \"no end"), "SELECT \"no end");
}

TEST(StatementInWords, ShowsValuesToWhoAskedForThem) {
    EXPECT_EQ(statement_in_words("UPDATE  t SET a = 'x' WHERE id = 7", true), "UPDATE t SET a = 'x' WHERE id = 7");
}

}  // namespace
}  // namespace pgwraith::catalog
