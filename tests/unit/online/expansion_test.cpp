// The trigger that keeps two versions of a row equal, as text.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pgwraith/online/expansion.h"

namespace pgwraith::online {
namespace {

Expansion rename_of_a_column() {
    Expansion expansion;
    expansion.oid = 7;
    expansion.table = {"app", "users"};
    expansion.trigger = "zz_pgwraith_expand_7";
    expansion.function = "pgwraith_expand_7";
    expansion.columns.push_back(
        {"handle", "text", "", "username", {"username"}, {"username"}, {{"username", "text", {"handle"}}}});
    expansion.old_columns = {"username"};
    return expansion;
}

Expansion two_of_one() {
    auto expansion = rename_of_a_column();
    Down name{"name", "text", {"", "", "first || ' ' || last"}};
    expansion.columns = {
        {"first", "text", "", "", {"", "", "split_part(name, ' ', 1)"}, {"name"}, {name}, true},
        {"last", "text", "", "", {"", "", "split_part(name, ' ', 2)"}, {"name"}, {name}, true},
    };
    return expansion;
}

std::string function_of(const Expansion& expansion) { return trigger_statements(expansion).front(); }

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Expansion, ARenamedColumnIsKeptEqualWithoutAnyExpression) {
    EXPECT_EQ(function_of(rename_of_a_column()),
              R"(CREATE FUNCTION "app"."pgwraith_expand_7"() RETURNS trigger LANGUAGE plpgsql AS $pgwraith$
#variable_conflict use_column
DECLARE
  pgwraith_written_1 CONSTANT pg_catalog.bool := ROW(NEW."handle")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(OLD."handle")::pg_catalog.record;
BEGIN
  IF TG_OP = 'UPDATE' AND pg_catalog.current_setting('pgwraith.filling', true) = 'on' THEN
    OLD."handle" := NEW."handle";
    RETURN OLD;
  END IF;
  IF pgwraith_written_1 THEN
    NEW."username" := NEW."handle";
  END IF;
  IF NOT (pgwraith_written_1) AND (TG_OP = 'INSERT' OR ROW(NEW."username")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(OLD."username")::pg_catalog.record) THEN
    NEW."handle" := NEW."username";
  END IF;
  RETURN NEW;
END
$pgwraith$)");
}

TEST(Expansion, TheTriggerIsNobodyElsesAndRunsForReplicationToo) {
    const auto all = trigger_statements(rename_of_a_column());
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1], R"(REVOKE ALL ON FUNCTION "app"."pgwraith_expand_7"() FROM PUBLIC)");
    EXPECT_EQ(
        all[2],
        R"(CREATE TRIGGER "zz_pgwraith_expand_7" BEFORE INSERT OR UPDATE ON "app"."users" FOR EACH ROW EXECUTE FUNCTION "app"."pgwraith_expand_7"())");
    EXPECT_EQ(all[3], R"(ALTER TABLE ONLY "app"."users" ENABLE ALWAYS TRIGGER "zz_pgwraith_expand_7")");
    auto owned = rename_of_a_column();
    owned.owner = "Boss";
    EXPECT_EQ(trigger_statements(owned).back(), R"(ALTER FUNCTION "app"."pgwraith_expand_7"() OWNER TO "Boss")");
}

TEST(Expansion, AnExpressionFindsTheColumnsByTheirNames) {
    auto expansion = two_of_one();
    expansion.as_owner = true;
    expansion.function_settings = {"search_path = app, pg_temp"};
    const auto text = function_of(expansion);
    EXPECT_TRUE(says(text, "LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS "));
    EXPECT_TRUE(says(text, R"(NEW."first" := (SELECT (split_part(name, ' ', 1)) FROM (SELECT NEW.*) AS "users");)"));
    EXPECT_TRUE(says(text, "EXCEPTION WHEN data_exception"));
}

// Both give it by the same expression; whichever was written, neither is computed from it again.
TEST(Expansion, AnOldColumnOfTwoNewOnesIsGivenOnce) {
    const auto text = function_of(two_of_one());
    const auto given = text.find("  IF pgwraith_written_1 OR pgwraith_written_2 THEN\n    NEW.\"name\" :=");
    ASSERT_NE(given, std::string::npos) << text;
    EXPECT_EQ(text.find("NEW.\"name\" :=", given + 60), std::string::npos);
    EXPECT_TRUE(says(text, "IF NOT (pgwraith_written_1 OR pgwraith_written_2) AND (TG_OP = 'INSERT'"));
}

TEST(Expansion, ACastIsSaidOnlyIfAnAssignmentWouldNotDo) {
    EXPECT_EQ(over_row({"a", "", ""}), "\"a\"");
    EXPECT_EQ(over_row({"a", "bigint", ""}), "(\"a\")::bigint");
    EXPECT_EQ(over_row({"", "", "a + 1"}), "(a + 1)");
}

TEST(Expansion, ItsNameIsTheLastOfAll) {
    EXPECT_EQ(last_trigger_name(7, {}), "zz_pgwraith_expand_7");
    EXPECT_EQ(last_trigger_name(7, {"a", "zz"}), "zz_pgwraith_expand_7");
    EXPECT_EQ(last_trigger_name(7, {"zzz"}), "~zz_pgwraith_expand_7");
    EXPECT_EQ(last_trigger_name(7, {"~~a"}), "~~zz_pgwraith_expand_7");
    EXPECT_EQ(last_trigger_name(7, {"über"}), std::nullopt);
}

TEST(Expansion, RowsAgreeEitherWay) {
    const auto condition = agrees(two_of_one().columns.front());
    EXPECT_EQ(
        condition,
        R"((ROW("first")::pg_catalog.record OPERATOR(pg_catalog.*=) ROW(((split_part(name, ' ', 1)))::text)::pg_catalog.record OR (ROW("name")::pg_catalog.record OPERATOR(pg_catalog.*=) ROW(((first || ' ' || last))::text)::pg_catalog.record)))");
}

TEST(Expansion, IsTheSameWhenItIsReadAgain) {
    auto expansion = two_of_one();
    expansion.twins.push_back({Twin::Kind::primary_key, "pgwraith_7_1", "users_pkey", "DEFERRABLE", true, true});
    expansion.function_settings = {"search_path = app"};
    expansion.owner = "o";
    const nlohmann::json written = expansion;
    EXPECT_EQ(written.get<Expansion>(), expansion);
}

TEST(Expansion, DollarsInAnExpressionDoNotEndTheFunction) {
    auto expansion = two_of_one();
    expansion.columns.front().up.sql = "'$pgwraith$'::text || name";
    EXPECT_TRUE(says(function_of(expansion), "AS $pgwraith1$\n"));
}

}  // namespace
}  // namespace pgwraith::online
