#include "done.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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
    identity.sql = "ALTER TABLE t …";
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

TEST(DoneRecord, OfARebuildIsNotForGood) {
    config::Settings settings;
    settings.sql = " \n;";
    EXPECT_FALSE(remembered_for_good(settings));
    settings.sql = "ALTER TABLE t ADD c int";
    EXPECT_TRUE(remembered_for_good(settings));
}

}  // namespace
}  // namespace pgwraith::migration
