// Every refusal names the statement, its line and what is allowed instead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "orders.h"
#include "pgwraith/base/error.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Error refusal(const std::string& sql) {
    try {
        parse_user_sql(sql, kTable, "pgwraith_new_1");
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::internal, "accepted: " + sql);
}

struct RefusedCase {
    std::string sql;
    std::string message;  // after "sql, line 3: "
};

void PrintTo(const RefusedCase& c, std::ostream* out) { *out << c.sql; }

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, ByNameAndLine) {
    const Error error = refusal("ALTER TABLE orders ADD fine int;\n\n" + GetParam().sql);
    EXPECT_EQ(error.kind(), ErrorKind::refused);
    EXPECT_THAT(error.message(), StartsWith("sql, line 3: " + GetParam().message));
    EXPECT_FALSE(error.hint().empty());
}

const RefusedCase kStatements[] = {
    {"INSERT INTO orders VALUES (1)", "INSERT INTO is not allowed here"},
    {"UPDATE orders SET a = 1", "UPDATE is not allowed here"},
    {"DELETE FROM orders", "DELETE FROM is not allowed here"},
    {"ALTER TABLE orders ALTER a TYPE mine(a::bigint)", "ALTER TABLE cannot be described: "},
    {"SELECT 1", "SELECT is not allowed here"},
    {"TRUNCATE orders", "TRUNCATE is not allowed here"},
    {"DROP TABLE orders", "DROP TABLE is not allowed here"},
    {"DROP VIEW v", "DROP VIEW is not allowed here"},
    {"ROLLBACK", "ROLLBACK would undo what stands before it"},
    {"PREPARE TRANSACTION 'x'", "prepared transactions are not allowed here"},
    {"DO $$ BEGIN END $$", "DO is not allowed here"},
    {"SET search_path = x", "SET search_path may change what the statements mean"},
    {"CREATE TABLE x (a int)", "CREATE TABLE is not allowed here"},
    {"CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION f()", "CREATE TRIGGER is not allowed here"},
    {"CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE VIEW is not allowed here"},
    {"CREATE POLICY p ON orders", "CREATE POLICY is not allowed here"},
    {"GRANT SELECT ON orders TO x", "GRANT SELECT is not allowed here"},
    {"VACUUM other", "VACUUM is not allowed here"},
    {"REINDEX TABLE orders", "REINDEX TABLE is not allowed here"},
    {"ALTER SEQUENCE s AS bigint RESTART", "ALTER SEQUENCE … RESTART: numbers are handed out"},
    {"ALTER SEQUENCE s OWNED BY other.a", "ALTER SEQUENCE … OWNED BY gives the sequence to something else"},
    {"\\d orders", "\\d is a command of psql, not SQL"},
    {"ALTER VIEW v RENAME COLUMN a TO b", "ALTER VIEW is not allowed here"},
    {"ALTER VIEW orders ALTER a SET DEFAULT 1", "ALTER VIEW is not allowed here"},
    {"ALTER TABLE orders RENAME TO x", "ALTER TABLE … RENAME TO is not allowed here"},
    {"ALTER TABLE orders SET SCHEMA x", "ALTER TABLE … SET SCHEMA is not allowed here"},
    {"COMMENT ON VIEW v IS 'x'", "COMMENT is allowed on the table, its columns"},
};
INSTANTIATE_TEST_SUITE_P(Statements, Refused, testing::ValuesIn(kStatements));

const RefusedCase kCommands[] = {
    {"ALTER TABLE orders ADD a int, OWNER TO x", "ALTER TABLE … OWNER TO is not allowed here"},
    {"ALTER TABLE orders INHERIT x", "ALTER TABLE … INHERIT is not allowed here"},
    {"ALTER TABLE orders NO INHERIT x", "ALTER TABLE … NO INHERIT is not allowed here"},
    {"ALTER TABLE orders ATTACH PARTITION x DEFAULT", "ALTER TABLE … ATTACH PARTITION is not allowed here"},
    {"ALTER TABLE orders DETACH PARTITION x", "ALTER TABLE … DETACH PARTITION is not allowed here"},
    {"ALTER TABLE orders SET UNLOGGED", "ALTER TABLE … SET UNLOGGED is not allowed here"},
    {"ALTER TABLE orders SET LOGGED", "ALTER TABLE … SET LOGGED is not allowed here"},
    {"ALTER TABLE orders SET ACCESS METHOD x", "ALTER TABLE … SET ACCESS METHOD is not allowed here"},
    {"ALTER TABLE orders ENABLE TRIGGER ALL", "ALTER TABLE … ENABLE TRIGGER is not allowed here"},
    {"ALTER TABLE orders DISABLE TRIGGER x", "ALTER TABLE … DISABLE TRIGGER is not allowed here"},
    {"ALTER TABLE orders DISABLE RULE x", "ALTER TABLE … DISABLE RULE is not allowed here"},
    {"ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "ALTER TABLE … ENABLE ROW LEVEL SECURITY is not allowed here"},
    {"ALTER TABLE orders REPLICA IDENTITY FULL", "ALTER TABLE … REPLICA IDENTITY is not allowed here"},
    {"ALTER TABLE orders OF x", "ALTER TABLE … OF is not allowed here"},
    {"ALTER TABLE orders ALTER CONSTRAINT c DEFERRABLE", "ALTER TABLE … ALTER CONSTRAINT is not allowed here"},
    {"ALTER INDEX i ATTACH PARTITION j", "ALTER INDEX … ATTACH PARTITION is not allowed here"},
    {"ALTER TABLE orders ADD a int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME s)", "SEQUENCE NAME of an identity"},
};
INSTANTIATE_TEST_SUITE_P(Commands, Refused, testing::ValuesIn(kCommands));

const RefusedCase kOtherRelations[] = {
    {"ALTER TABLE other ADD a int", R"("other" is another relation than "public"."orders")"},
    {"ALTER TABLE app.orders ADD a int", R"("app"."orders" is another relation than "public"."orders")"},
    {"ALTER TABLE \"Orders\" ADD a int", R"("Orders" is another relation than "public"."orders")"},
    {"ALTER TABLE other ADD FOREIGN KEY (a) REFERENCES orders", R"("other" is another relation)"},
    {"ALTER TABLE db.public.orders ADD a int", "db.public.orders names a database"},
    {"ALTER TABLE app.orders RENAME a TO b", R"("app"."orders" is another relation)"},
    {"ALTER TABLE other RENAME CONSTRAINT a TO b", R"("other" is another relation)"},
    {"CREATE INDEX i ON other (a)", R"("other" is another relation)"},
    {"CREATE STATISTICS s ON a, b FROM other", R"("other" is another relation)"},
    {"CREATE STATISTICS app.s ON a, b FROM orders", R"("app"."s" is not in the schema of "public"."orders")"},
    {"ALTER TABLE orders ADD CHECK ((SELECT count(*) FROM other) > 0)", R"("other" is another relation)"},
    {"DROP INDEX app.i", R"("app"."i" is not in the schema of "public"."orders")"},
    {"DROP INDEX fine, app.i", R"("app"."i" is not in the schema of "public"."orders")"},
    {"DROP INDEX db.public.i", "a name has too many parts"},
    {"DROP STATISTICS app.s", R"("app"."s" is not in the schema of "public"."orders")"},
    {"ALTER INDEX app.i RENAME TO j", R"("app"."i" is not in the schema of "public"."orders")"},
    {"COMMENT ON TABLE other IS 'x'", "COMMENT ON TABLE other is about another relation"},
    {"COMMENT ON TABLE app.orders IS 'x'", R"("app"."orders" is not in the schema of)"},
    {"COMMENT ON COLUMN other.a IS 'x'", "a belongs to another relation"},
    {"COMMENT ON CONSTRAINT c ON app.orders IS 'x'", "c belongs to another relation"},
};
INSTANTIATE_TEST_SUITE_P(OtherRelations, Refused, testing::ValuesIn(kOtherRelations));

const RefusedCase kColumnHistory[] = {
    {"ALTER TABLE orders ALTER a TYPE int USING 1, ALTER a TYPE bigint USING 2",
     "ALTER COLUMN a TYPE changes the column's type a second time"},
    {"ALTER TABLE orders ALTER fine TYPE bigint", "ALTER COLUMN fine TYPE changes a column that the same SQL adds"},
    {"ALTER TABLE orders ALTER a TYPE text USING fine::text",
     "USING refers to column fine, which an earlier statement"},
    {"ALTER TABLE orders ADD g int GENERATED ALWAYS AS (a) STORED, ALTER g DROP EXPRESSION",
     "ALTER COLUMN g DROP EXPRESSION is for a column that the same SQL adds"},
};
INSTANTIATE_TEST_SUITE_P(ColumnHistory, Refused, testing::ValuesIn(kColumnHistory));

TEST(RefusedSql, HintSaysWhatIsAllowed) {
    const std::string hint = refusal("DROP TABLE orders").hint();
    EXPECT_THAT(hint, HasSubstr(R"("public"."orders")"));
    EXPECT_THAT(hint, HasSubstr("ALTER TABLE"));
    EXPECT_THAT(hint, HasSubstr("CREATE INDEX"));
}

TEST(RefusedSql, SyntaxErrorsHaveTheirOwnLine) {
    const Error error = refusal("ALTER TABLE orders\n  ADD a int,\n  FROBNICATE b;\nDROP INDEX i");
    EXPECT_EQ(error.kind(), ErrorKind::refused);
    EXPECT_EQ(error.message(), "sql, line 3: syntax error at or near \"FROBNICATE\"");
    EXPECT_EQ(refusal("ALTER TABLE orders ADD a text DEFAULT 'open").kind(), ErrorKind::refused);
}

TEST(RefusedSql, ZeroByte) {
    const Error error = refusal(std::string("DROP INDEX i;\n\0DROP TABLE orders", 32));
    EXPECT_EQ(error.message(), "sql, line 2: there is a zero byte");
}

}  // namespace
}  // namespace pgwraith::plan
