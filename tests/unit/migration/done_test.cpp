#include "done.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pgwraith/migration/migration.h"
#include "pgwraith/store/store.h"

namespace pgwraith::migration {
namespace {

using nlohmann::json;

const catalog::Definition shape{{"column", "id", "#1 bigint"}};

Identity wish() {
    Identity identity;
    identity.system_identifier = "7123";
    identity.database = 5;
    identity.table_oid = 7;
    identity.table = {"app", "t"};
    identity.sql = "ALTER TABLE t ADD c int";
    return identity;
}

TEST(DoneRecord, AnswersTheSameWishOnTheSameTable) {
    const auto record = record_of(wish(), shape);
    const auto when = answered_by(record, wish(), shape);
    ASSERT_TRUE(when);
    EXPECT_EQ(when->size(), std::string("2026-01-31T12:00:00Z").size());
}

TEST(DoneRecord, IsReadFromDisk) {
    const auto record = json::parse(record_of(wish(), shape).dump());
    EXPECT_TRUE(answered_by(record, wish(), shape));
}

TEST(DoneRecord, DoesNotAnswerAnotherWish) {
    const auto record = record_of(wish(), shape);
    for (const auto& change : std::vector<std::function<void(Identity&)>>{
             [](Identity& one) { one.sql += ";"; }, [](Identity& one) { one.values["a"] = "b"; },
             [](Identity& one) { one.table_oid = 8; }, [](Identity& one) { one.table.name = "u"; },
             [](Identity& one) { one.database = 6; }, [](Identity& one) { one.system_identifier = "7124"; }}) {
        auto other = wish();
        change(other);
        EXPECT_FALSE(answered_by(record, other, shape));
    }
}

TEST(DoneRecord, AnswersWhateverTheKeyAndTheSettingsOfTheSession) {
    auto other = wish();
    other.key = "auto";
    other.settings["TimeZone"] = "UTC";
    EXPECT_TRUE(answered_by(record_of(wish(), shape), other, shape)) << "the shape is the same";
}

TEST(DoneRecord, DoesNotAnswerForATableThatWasAlteredSince) {
    EXPECT_FALSE(answered_by(record_of(wish(), shape), wish(), {{"column", "id", "#1 integer"}}));
}

TEST(DoneRecord, WithoutATableOrDamagedAnswersNothing) {
    EXPECT_FALSE(answered_by(record_of(wish(), std::nullopt), wish(), shape));
    EXPECT_FALSE(answered_by(json::object(), wish(), shape));
    EXPECT_FALSE(answered_by(json(7), wish(), shape));
}

TEST(DoneRecord, OfARebuildAnswersWithoutADefinition) {
    auto rebuild = wish();
    rebuild.sql = "\n";
    EXPECT_TRUE(answered_by(record_of(rebuild, std::nullopt), rebuild, shape));
    auto another = rebuild;
    another.table_oid = 8;
    EXPECT_FALSE(answered_by(record_of(rebuild, std::nullopt), another, shape));
    EXPECT_FALSE(answered_by(record_of(rebuild, std::nullopt), wish(), shape)) << "a change, not a rebuild";
}

TEST(DoneRecord, OfARebuildIsNotForGood) {
    config::Settings settings;
    for (const char* text : {" \n;", "VACUUM FULL t", "BEGIN; VACUUM (FULL, ANALYZE) t; COMMIT"}) {
        settings.sql = text;
        EXPECT_FALSE(remembered_for_good(settings)) << text;
    }
    for (const char* text :
         {"ALTER TABLE t ADD c int", "VACUUM FULL t; ALTER TABLE t ADD c int",
          "ALTER TABLE t ADD c text DEFAULT 'it\\'s'", "VACUUM (FULL false) t", "VACUUM (FULL 0) t"}) {
        settings.sql = text;
        EXPECT_TRUE(remembered_for_good(settings)) << text;
    }
}

TEST(DoneRecord, OfValuesAloneIsForGood) {
    config::Settings settings;
    settings.values["n"] = "n + 1";
    EXPECT_TRUE(remembered_for_good(settings)) << "added twice otherwise";
    auto values = wish();
    values.sql = "";
    values.values["n"] = "n + 1";
    EXPECT_FALSE(is_rebuild(values));
}

Identity with_values() {
    auto values = wish();
    values.sql = "";
    values.values["n"] = "n + 1";
    return values;
}

TEST(DoneRecord, WithValuesRefusesThemOfATableThatIsAnother) {
    const auto record = record_of(with_values(), shape);
    auto replaced = with_values();
    replaced.table_oid = 8;
    EXPECT_THROW(refuse_values_again(record, replaced, "state"), Error);
    EXPECT_THROW(refuse_values_again(record, with_values(), "state"), Error) << "altered";
    auto others = with_values();
    others.values["n"] = "n + 2";
    EXPECT_NO_THROW(refuse_values_again(record, others, "state"));
    EXPECT_NO_THROW(refuse_values_again(record_of(wish(), shape), wish(), "state")) << "no values";
}

TEST(DoneRecords, OfATableAreTheNewestAndThoseWithValues) {
    auto other_table = wish();
    other_table.table.name = "u";
    auto newer = wish();
    newer.sql = "ALTER TABLE t ADD d int";
    auto entries = json::array();
    for (const auto& one : {other_table, wish(), with_values(), newer})
        entries = with_entry(entries, record_of(one, shape));
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0]["table"], "u");
    EXPECT_EQ(entries[1]["values"]["n"], "n + 1");
    EXPECT_EQ(entries[2]["sql"], newer.sql);
    entries = with_entry(entries, record_of(with_values(), shape));
    ASSERT_EQ(entries.size(), 2u) << "each wish once";
    EXPECT_EQ(entries[1]["values"]["n"], "n + 1");
}

TEST(DoneSince, IsOfTheSameSettings) {
    const auto directory = std::filesystem::temp_directory_path() / fmt::format("pgwraith-done-{}", ::getpid());
    asio::io_context io{1};
    asio::co_spawn(io, store::Store::leave_record(directory, record_of(wish(), shape)), asio::detached);
    io.run();
    config::Settings settings;
    settings.state_dir = directory;
    settings.table = {"app", "t"};
    settings.sql = wish().sql;
    EXPECT_TRUE(done_since(settings));
    settings.table.schema.clear();
    EXPECT_TRUE(done_since(settings)) << "found by the search_path";
    for (const auto& change : std::vector<std::function<void(config::Settings&)>>{
             [](auto& one) { one.table.schema = "app2"; }, [](auto& one) { one.table.name = "u"; },
             [](auto& one) { one.sql += ";"; }, [](auto& one) { one.values["a"] = "b"; },
             [](auto& one) { one.expand.emplace_back(); }}) {
        auto other = settings;
        change(other);
        EXPECT_FALSE(done_since(other));
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace pgwraith::migration
