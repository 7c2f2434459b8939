#include "history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity.h"

namespace pgwraith::migration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Identity began_on(std::uint32_t timeline) {
    Identity identity;
    identity.timeline = timeline;
    return identity;
}

const ServerNow now{1, Lsn{1'000}, 500};

TEST(History, IsTheSameWhereEverythingKnownHasHappened) {
    EXPECT_THAT(other_history(began_on(1), now, {Lsn{1'000}, 499}), IsEmpty());
    EXPECT_THAT(other_history(began_on(1), now, {}), IsEmpty()) << "nothing is known yet";
}

TEST(History, IsAnotherOnAnotherTimeline) {
    EXPECT_THAT(other_history(began_on(2), now, {}), HasSubstr("timeline 1, the migration began on timeline 2"));
    EXPECT_THAT(other_history(began_on(0), now, {}), IsEmpty()) << "it was not recorded";
}

TEST(History, IsAnotherWhereTheServerHasNotComeAsFar) {
    EXPECT_THAT(other_history(began_on(1), now, {Lsn{1'001}, 0}), HasSubstr("restored to an earlier point"));
}

TEST(History, IsAnotherWhereAChunksTransactionIsStillToCome) {
    EXPECT_THAT(other_history(began_on(1), now, {std::nullopt, 500}),
                HasSubstr("transaction 500, which changed or copied a part of the table, has not happened"));
}

TEST(History, IsAnotherWhereAChunksTransactionDidNotCommit) {
    using postgres::XactStatus;
    const KnownPast past{std::nullopt, 499};
    EXPECT_THAT(other_history(past, XactStatus::committed), IsEmpty());
    EXPECT_THAT(other_history(past, XactStatus::forgotten), IsEmpty()) << "so long ago that it says nothing";
    EXPECT_THAT(other_history(past, XactStatus::aborted), HasSubstr("is another one"));
    EXPECT_THAT(other_history(past, XactStatus::in_progress), HasSubstr("is another one"));
}

TEST(AnotherMigration, IsOfAnotherTableServerOrDatabase) {
    Identity recorded;
    recorded.system_identifier = "7123";
    recorded.database = 5;
    recorded.table = {"app", "t"};
    auto here = recorded;
    here.table_oid = 99;  // dropped and made again: what is found in the database decides
    EXPECT_THAT(another_migration(recorded, here), IsEmpty());
    here.database = 6;
    EXPECT_EQ(another_migration(recorded, here), "on another server or database");
    here = recorded;
    here.system_identifier = "7124";
    EXPECT_EQ(another_migration(recorded, here), "on another server or database");
    here.table.name = "u";
    EXPECT_EQ(another_migration(recorded, here), R"(of "app"."t")");
}

config::Settings settings() {
    config::Settings settings;
    settings.table = {"app", "t"};
    settings.sql = "ALTER TABLE t …";
    settings.values = {{"a", "b"}};
    return settings;
}

Identity identity() {
    Identity identity;
    const auto begun = settings();
    identity.table = begun.table;
    identity.sql = begun.sql;
    identity.values = begun.values;
    identity.key = begun.key.text();
    return identity;
}

std::string refused(const config::Settings& settings) {
    try {
        require_same_settings(settings, identity());
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::refused);
        return error.message();
    }
    return "";
}

TEST(SameSettings, MayDifferInWhatDoesNotChangeTheResult) {
    auto others = settings();
    others.copy.workers = 7;
    others.throttle.ignore_replicas = {"r"};
    others.cutover.mode = config::CutoverMode::manual;
    others.verify = config::Verify::off;
    EXPECT_THAT(refused(others), IsEmpty());
}

TEST(SameSettings, AreTableStatementsValuesAndKey) {
    auto others = settings();
    others.table.name = "u";
    EXPECT_THAT(refused(others), HasSubstr("`table` is not"));
    others = settings();
    others.sql += " ";
    EXPECT_THAT(refused(others), HasSubstr("`sql` is not"));
    others = settings();
    others.values["c"] = "1";
    EXPECT_THAT(refused(others), HasSubstr("`values` is not"));
    others = settings();
    others.key.automatic = !others.key.automatic;
    EXPECT_THAT(refused(others), HasSubstr("`key` is not"));
}

postgres::RowSetting setting(const std::string& name, const std::string& value, bool custom) {
    postgres::RowSetting setting;
    setting.name = name;
    setting.value = value;
    setting.custom = custom;
    return setting;
}

TEST(ChangedSettings, AreThoseWithAnotherValue) {
    const auto changed =
        changed_settings({{"TimeZone", "UTC"}, {"DateStyle", "ISO"}},
                         {setting("TimeZone", "Europe/Vienna", false), setting("DateStyle", "ISO", false)});
    EXPECT_THAT(changed.names, testing::ElementsAre("TimeZone"));
    EXPECT_THAT(changed.appeared, IsEmpty());
}

TEST(ChangedSettings, AreCustomOnesThatWereNotThere) {
    const auto changed = changed_settings({}, {setting("app.tenant", "7", true), setting("new_in_19", "on", false)});
    EXPECT_THAT(changed.names, testing::ElementsAre("app.tenant")) << "what a built-in one was is not known";
    EXPECT_THAT(changed.appeared, testing::ElementsAre("app.tenant"));
}

TEST(Sql, IsReadAsTheRoleWouldHaveIt) {
    auto written = settings();
    written.sql = R"(ALTER TABLE t ADD c text DEFAULT 'a\tb')";
    EXPECT_EQ(as_read_by_the_role(written, {}).sql, written.sql);
    EXPECT_EQ(as_read_by_the_role(written, {{"standard_conforming_strings", "on"}}).sql, written.sql);
    EXPECT_EQ(as_read_by_the_role(written, {{"standard_conforming_strings", "off"}}).sql,
              R"(ALTER TABLE t ADD c text DEFAULT E'a\tb')");
}

}  // namespace
}  // namespace pgwraith::migration
