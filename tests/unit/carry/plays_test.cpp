#include "plays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace pgwraith::carry {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

CarryContext play_context() {
    CarryContext context;
    context.live.oid = 7;
    context.live.name = {"app", "t"};
    context.pair.shadow = {"pgwraith_new_7", "t"};
    context.old_schema = "pgwraith_old_7";
    plan::MappedKeyColumn key;
    key.shadow_name = "id";
    context.pair.mapping.key = {key};
    return context;
}

const QualifiedName table{"pgwraith_new_7", "pgwraith_rehearsal"};

const Play* play_for(const std::vector<Play>& plays, const std::string& statement) {
    const auto found = std::ranges::find_if(plays, [&](const Play& one) { return statement.starts_with(one.begins); });
    return found == plays.end() ? nullptr : &*found;
}

// As the carriers write them.
TEST(Plays, ThereIsOneForEachKindOfCommandOfTheSwap) {
    const auto plays = all_plays(play_context(), table);
    for (const char* statement : {"ALTER TABLE x SET SCHEMA y",
                                  "CREATE TRIGGER x",
                                  "CREATE CONSTRAINT TRIGGER x",
                                  "ALTER TRIGGER x",
                                  "CREATE RULE x",
                                  "CREATE OR REPLACE RULE x",
                                  "CREATE POLICY x",
                                  "ALTER POLICY x",
                                  "GRANT SELECT",
                                  "REVOKE ALL",
                                  "COMMENT ON TABLE x",
                                  "CREATE INDEX x",
                                  "ALTER INDEX x",
                                  "DROP INDEX x",
                                  "ALTER PUBLICATION x",
                                  "CREATE VIEW x",
                                  "CREATE OR REPLACE VIEW x",
                                  "DROP VIEW x",
                                  "ALTER VIEW x",
                                  "CREATE MATERIALIZED VIEW x",
                                  "DROP MATERIALIZED VIEW x",
                                  "ALTER MATERIALIZED VIEW x",
                                  "REFRESH MATERIALIZED VIEW x",
                                  "CREATE OR REPLACE FUNCTION x",
                                  "CREATE OR REPLACE PROCEDURE x",
                                  "ALTER FUNCTION x",
                                  "ALTER PROCEDURE x",
                                  "ALTER ROUTINE x",
                                  "DROP ROUTINE x",
                                  "ALTER SEQUENCE x",
                                  "CREATE STATISTICS x",
                                  "ALTER STATISTICS x"}) {
        const auto* play = play_for(plays, statement);
        ASSERT_NE(play, nullptr) << statement;
        EXPECT_THAT(play->commands, Not(IsEmpty())) << statement;
    }
    EXPECT_EQ(play_for(plays, "LOCK TABLE x"), nullptr) << "no event trigger hears of it";
    EXPECT_EQ(play_for(plays, "SET LOCAL x"), nullptr);
}

TEST(Plays, AreOnObjectsOfOurs) {
    for (const auto& play : all_plays(play_context(), table)) {
        EXPECT_THAT(play.commands, Each(Not(HasSubstr(R"("app"."t")")))) << play.begins;
        EXPECT_THAT(play.commands, Each(HasSubstr("pgwraith_"))) << play.begins;
    }
}

TEST(Plays, BeginAsWhatTheyPlay) {
    for (const auto& play : all_plays(play_context(), table)) {
        const auto kind = play.begins.substr(play.begins.find_last_of(' ', play.begins.size() - 2) + 1);
        EXPECT_THAT(play.commands, Each(HasSubstr(kind))) << play.begins;
    }
}

TEST(Plays, OfATypedTableLeaveTheTypeAndTakeIt) {
    auto typed = play_context();
    typed.live.of_type = R"("app"."row")";
    const auto plays = all_plays(typed, table);
    const auto* play = play_for(plays, "ALTER TABLE x");
    ASSERT_NE(play, nullptr);
    EXPECT_THAT(play->commands.back(), HasSubstr("NOT OF"));
    EXPECT_THAT(play->commands.at(play->commands.size() - 2), HasSubstr(R"(OF "app"."row")"));
}

}  // namespace
}  // namespace pgwraith::carry
