#include "pgwraith/base/names.h"

#include <string>

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith {
namespace {

std::string refusal(std::string_view text) {
    try {
        const auto name = QualifiedName::parse(text);
        return "accepted as " + name.sql();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        return error.message();
    }
}

TEST(Quote, IdentifiersAreAlwaysQuoted) {
    EXPECT_EQ(quote_identifier("orders"), "\"orders\"");
    EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(quote_identifier("a\\b'c"), "\"a\\b'c\"");
}

TEST(Quote, LiteralsAreSafeWithAndWithoutBackslashes) {
    EXPECT_EQ(quote_literal(""), "''");
    EXPECT_EQ(quote_literal("it's"), "'it''s'");
    EXPECT_EQ(quote_literal("a\\'b"), "E'a\\\\''b'");
}

TEST(QualifiedName, FoldsUnquotedPartsAndKeepsQuotedOnes) {
    EXPECT_EQ(QualifiedName::parse("Public.ORDERS"), (QualifiedName{"public", "orders"}));
    EXPECT_EQ(QualifiedName::parse("app.\"Order Items\""), (QualifiedName{"app", "Order Items"}));
    EXPECT_EQ(QualifiedName::parse(" \"A.b\" . \"c\"\"d\" "), (QualifiedName{"A.b", "c\"d"}));
    EXPECT_EQ(QualifiedName::parse("s.größe_$1"), (QualifiedName{"s", "größe_$1"}));
    EXPECT_EQ((QualifiedName{"app", "Order \"1\""}.sql()), "\"app\".\"Order \"\"1\"\"\"");
}

TEST(QualifiedName, TakesNamesUpToPostgresqlsLimit) {
    EXPECT_EQ(QualifiedName::parse("s." + std::string(63, 'x')).name, std::string(63, 'x'));
    EXPECT_NE(refusal("s." + std::string(64, 'x')).find("has 64 bytes, PostgreSQL's names have at most 63"),
              std::string::npos);
}

TEST(QualifiedName, SaysWhatIsWrong) {
    EXPECT_EQ(refusal("orders"),
              "'orders' is not a table name: the schema is missing; write it before the name, for example "
              "public.orders");
    EXPECT_EQ(refusal("shop.public.orders"),
              "'shop.public.orders' is not a table name: it has more than two parts; write schema.table, the database "
              "comes from the connection");
    EXPECT_EQ(refusal(""), "'' is not a table name: a name is missing");
    EXPECT_EQ(refusal("app."), "'app.' is not a table name: a name is missing");
    EXPECT_EQ(refusal("app.Order Items"),
              "'app.Order Items' is not a table name: 'I' is not expected after a name; quote it: \"My Table\"");
    EXPECT_EQ(refusal("app.\"x"), "'app.\"x' is not a table name: the closing double quote is missing");
    EXPECT_EQ(refusal("app.\"\""), "'app.\"\"' is not a table name: \"\" names nothing");
    EXPECT_EQ(refusal("app.1st"),
              "'app.1st' is not a table name: an unquoted name begins with a letter or an underscore");
    EXPECT_NE(refusal("app.x; DROP TABLE y").find("';' is not expected"), std::string::npos);
    EXPECT_NE(refusal(std::string_view("app.\"a\0b\"", 9)).find("it contains a zero byte"), std::string::npos);
}

TEST(MigrationNames, CarryTheProgramsNameAndTheOids) {
    const MigrationNames names(5, 4294967295U);
    EXPECT_EQ(names.new_schema, "pgwraith_new_4294967295");
    EXPECT_EQ(names.old_schema, "pgwraith_old_4294967295");
    EXPECT_EQ(names.publication, "pgwraith_4294967295");
    EXPECT_EQ(names.slot, "pgwraith_5_4294967295");
}

}  // namespace
}  // namespace pgwraith
