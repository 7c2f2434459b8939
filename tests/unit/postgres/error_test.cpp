#include "pgwraith/postgres/error.h"

#include <gmock/gmock.h>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {
namespace {

TEST(Classify, WhatTheSameAgainMayCure) {
    for (const char* state : {"", "08000", "08006", "08P01", "40001", "40P01", "53100", "53300", "57014", "57P01",
                              "58030", "72000", "55006", "55P03", "25P02", "25P03", "25P04", "25006"}) {
        EXPECT_EQ(classify(state), SqlStateClass::transient) << state;
    }
}

TEST(Classify, WhatAnOperatorMustCure) {
    for (const char* state : {"23505", "23P01", "23502", "22003", "22P02", "42501", "42P01", "42703", "42704", "42883",
                              "55000", "0A000", "54000", "54001", "54023", "P0001", "28P01", "3D000", "21000", "22021",
                              "53400", "58P01", "40002", "XX001", "XX002", "HV000", "F0000", "ZZ999"}) {
        EXPECT_EQ(classify(state), SqlStateClass::definitive) << state;
    }
}

TEST(Classify, WhatOnlyADefectOfOursCauses) {
    for (const char* state :
         {"42601", "26000", "34000", "24000", "25001", "25000", "25P01", "3B001", "XX000", "03000"}) {
        EXPECT_EQ(classify(state), SqlStateClass::ours) << state;
    }
}

TEST(PgError, KindFollowsTheClass) {
    EXPECT_EQ(PgError("40001", "conflict").kind(), ErrorKind::stopped);
    EXPECT_EQ(PgError("23505", "twice").kind(), ErrorKind::stopped);
    EXPECT_EQ(PgError("42601", "syntax").kind(), ErrorKind::internal);
}

TEST(PgError, SaysStateAndDetail) {
    const PgError error("23505", "duplicate key", "Key (id)=(1) already exists.", "look", "t_pkey");
    EXPECT_EQ(error.message(), "duplicate key (Key (id)) [SQLSTATE 23505]");
    EXPECT_EQ(error.hint(), "look");
    EXPECT_EQ(error.constraint(), "t_pkey");
    EXPECT_EQ(PgError("", "no route").message(), "no route");
    EXPECT_EQ(error.said(), "duplicate key");
}

TEST(PgError, SaysInWhichFunctionItWasRaisedButNoStatementOfIt) {
    const PgError error(
        "42883", "function f(text) does not exist", "", "", "",
        "SQL expression \"f('secret')\"\nPL/pgSQL function g(text) line 1 at RETURN\nSQL function \"h\"");
    EXPECT_EQ(error.said(), "function f(text) does not exist, in PL/pgSQL function g(text) line 1 at RETURN");
    EXPECT_EQ(PgError("22P02", "x", "", "", "", "COPY t, line 1: \"secret\"").message(), "x [SQLSTATE 22P02]");
}

TEST(Message, DoesNotQuoteWhatIsRaisedOverARow) {
    const std::string place = "PL/pgSQL function card(text) line 3 at RAISE";
    const PgError error("P0001", "bad card 4111", "4111", "try 4112", "", place + "\nSQL statement \"4111\"");
    EXPECT_EQ(error.said(), "an error was raised (log.row_values: true shows its words), in " + place);
    EXPECT_EQ(error.message(), error.said() + " [SQLSTATE P0001]");
    EXPECT_EQ(error.hint(), "");
    // An event trigger's words say why, also from a function that it calls.
    const PgError forbidden("P0001", "not on Fridays", "", "wait", "",
                            "PL/pgSQL function guard(text) line 1 at RAISE\nSQL statement \"SELECT guard('x')\"\n"
                            "PL/pgSQL function forbid() line 3 at PERFORM");
    EXPECT_EQ(forbidden.said(), "not on Fridays, in PL/pgSQL function guard(text) line 1 at RAISE");
    EXPECT_EQ(forbidden.hint(), "wait");
    const PgError ours("P0001", "a flag differs", "", "", "", "PL/pgSQL function inline_code_block line 45 at RAISE");
    EXPECT_TRUE(ours.said().starts_with("a flag differs"));
    show_row_values(true);
    const PgError shown("P0001", "bad card 4111", "", "", "", place);
    show_row_values(false);
    EXPECT_EQ(shown.said(), "bad card 4111, in " + place);
}

TEST(PgError, HoldsRowValuesOnlyWhenTheyAreAskedFor) {
    const PgError hidden("22P02", "invalid input syntax for type integer: \"a \"secret\"\"");
    EXPECT_EQ(hidden.message(), "invalid input syntax for type integer: \"…\" [SQLSTATE 22P02]");
    const PgError ours("P0001", "a flag differs", "", "", "", "PL/pgSQL function inline_code_block line 45 at RAISE");
    EXPECT_TRUE(ours.said().starts_with("a flag differs"));
    show_row_values(true);
    const PgError shown("23514", "violates check", "Failing row contains (10, secret).");
    show_row_values(false);
    EXPECT_THAT(shown.message(), testing::HasSubstr("secret"));
}

TEST(WithoutValues, LeavesNamesAndKeyColumns) {
    EXPECT_EQ(without_values("22003", "smallint out of range"), "smallint out of range");
    EXPECT_EQ(without_values("22003", "value \"7\" is out of range for type smallint"),
              "value \"…\" is out of range for type smallint");
    EXPECT_EQ(without_values("22021", "invalid byte sequence for encoding \"UTF8\": 0xe9 0x20 0x73"),
              "invalid byte sequence for encoding \"UTF8\": …");
    EXPECT_EQ(
        without_values("22P05", "character with byte sequence 0xe2 0x82 0xac in encoding \"UTF8\" has no equivalent"),
        "character with byte sequence … in encoding \"UTF8\" has no equivalent");
    EXPECT_EQ(without_values("23505", "violates unique constraint \"t_pkey\""),
              "violates unique constraint \"t_pkey\"");
    EXPECT_EQ(without_values("42P01", "relation \"t\" does not exist"), "relation \"t\" does not exist");
    EXPECT_EQ(detail_without_values("23505", "Key (mail, a)=(x@y, )=() is duplicated."), "Key (mail, a)");
    EXPECT_EQ(detail_without_values("23514", "Failing row contains (10, x)."), "");
    EXPECT_EQ(detail_without_values("22P02", "Token \"x\" is invalid."), "");
    EXPECT_EQ(detail_without_values("2BP01", "view v depends on table t"), "view v depends on table t");
}

TEST(PgError, KnowsWhenTheSessionIsGone) {
    for (const char* state : {"", "08006", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}) {
        EXPECT_TRUE(PgError(state, "x").connection_lost()) << state;
    }
    // A cancelled statement and a lock that was not granted leave the session as it is.
    for (const char* state : {"57014", "55P03", "40001", "53100", "25P02"}) {
        EXPECT_FALSE(PgError(state, "x").connection_lost()) << state;
    }
}

TEST(ArrayLiteral, QuotesEveryElement) {
    EXPECT_EQ(array_literal({}), "{}");
    EXPECT_EQ(array_literal({"1", "2"}), R"({"1","2"})");
    // Unquoted these would be NULL, nothing, several elements, or an array of their own.
    EXPECT_EQ(array_literal({"NULL", "", "a,b", "{}", " x "}), R"({"NULL","","a,b","{}"," x "})");
    EXPECT_EQ(array_literal({R"(a"b\c)"}), R"({"a\"b\\c"})");
}

TEST(Params, KeepsNullApartFromEmpty) {
    const auto list = params("a", std::string(), std::nullopt);
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[0], "a");
    EXPECT_EQ(list[1], "");
    EXPECT_FALSE(list[2].has_value());
}

}  // namespace
}  // namespace pgwraith::postgres
