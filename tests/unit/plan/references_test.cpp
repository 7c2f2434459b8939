// What a new foreign key refers to is played by a stand-in of its name.
#include <gtest/gtest.h>

#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {
namespace {

UserSql references_in(const std::string& sql) { return parse_user_sql(sql, {"public", "orders"}, "new"); }

TEST(References, EachNameGetsOneStandIn) {
    const auto sql = references_in(
        "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES customers, ADD FOREIGN KEY (b) REFERENCES customers (id);\n"
        "ALTER TABLE orders ADD COLUMN c int REFERENCES app.\"Odd Name\" (x) ON DELETE SET NULL");
    ASSERT_EQ(sql.references.size(), 2U);
    EXPECT_EQ(sql.references[0].table, (QualifiedName{"", "customers"}));
    EXPECT_EQ(sql.references[0].stand_in, "new_1");
    EXPECT_EQ(sql.references[0].line, 1);
    EXPECT_EQ(sql.references[1].table, (QualifiedName{"app", "Odd Name"}));
    EXPECT_EQ(sql.references[1].line, 2);
    EXPECT_EQ(sql.statements[0].shadow_sql,
              R"(ALTER TABLE "new"."orders" ADD FOREIGN KEY (a) REFERENCES "new_1"."customers", ADD FOREIGN KEY (b) )"
              R"(REFERENCES "new_1"."customers" (id))");
    EXPECT_EQ(sql.statements[1].shadow_sql,
              R"(ALTER TABLE "new"."orders" ADD COLUMN c int REFERENCES "new_2"."Odd Name" (x) ON DELETE SET NULL)");
}

TEST(References, TheTableItselfIsTheShadow) {
    const auto sql = references_in("ALTER TABLE public.orders ADD FOREIGN KEY (a) REFERENCES orders (id)");
    EXPECT_TRUE(sql.references.empty());
    EXPECT_EQ(sql.statements[0].shadow_sql,
              R"(ALTER TABLE "new"."orders" ADD FOREIGN KEY (a) REFERENCES "new"."orders" (id))");
}

TEST(References, ATableOfThatNameElsewhereIsAnother) {
    const auto sql = references_in("ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES app.orders");
    ASSERT_EQ(sql.references.size(), 1U);
    EXPECT_EQ(sql.references[0].table, (QualifiedName{"app", "orders"}));
}

}  // namespace
}  // namespace pgwraith::plan
