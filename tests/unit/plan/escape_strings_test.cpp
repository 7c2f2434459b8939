#include "pgwraith/plan/escape_strings.h"

#include <gtest/gtest.h>

namespace pgwraith::plan {
namespace {

TEST(EscapeStrings, ALiteralWithABackslashIsMarked) {
    EXPECT_EQ(with_escape_strings("SELECT 'a', 'a\\nb', ''"), "SELECT 'a', E'a\\nb', ''");
    EXPECT_EQ(with_escape_strings("SELECT 'it\\'s', 'x'"), "SELECT E'it\\'s', 'x'");
    EXPECT_EQ(with_escape_strings("SELECT 'a''\\''"), "SELECT E'a''\\''");
    EXPECT_EQ(with_escape_strings("DEFAULT'\\t'"), "DEFAULT E'\\t'");
}

TEST(EscapeStrings, OfSeveralPiecesTheFirstIsMarked) {
    EXPECT_EQ(with_escape_strings("'a'\n  'b\\t' , 'c'"), "E'a'\n  'b\\t' , 'c'");
    EXPECT_EQ(with_escape_strings("'a' -- no\\ne\n 'b\\t'"), "E'a' -- no\\ne\n 'b\\t'");
    EXPECT_EQ(with_escape_strings("('a') 'b\\t'"), "('a') E'b\\t'");
}

TEST(EscapeStrings, WhatSaysItsKindOrIsNoLiteralStays) {
    for (const char* sql :
         {"E'a\\nb'", "e'\\''", "U&'\\0041'", "B'01'", "X'1F'", "$$it's \\ '$$", "$f$ '\\' $f$ || $1", "\"a\\b\"",
          "-- it's \\\n1", "/* 'a\\ /* b */ ' */ 1", "'plain'", "a$b", "'unfinished", ""}) {
        EXPECT_EQ(with_escape_strings(sql), sql);
    }
}

}  // namespace
}  // namespace pgwraith::plan
