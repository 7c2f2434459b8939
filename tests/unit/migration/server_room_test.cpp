#include "server_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t one_gib = 1ULL << 30;

class OfServerRoom : public testing::Test {
  protected:
    OfServerRoom() {
        room.table = 30 * one_gib;
        room.indexes = 15 * one_gib;
        room.built_at_once = 10 * one_gib;
    }

    Survey judged() const {
        Survey survey;
        judge_room(room, survey);
        return survey;
    }

    ServerRoom room;
};

TEST_F(OfServerRoom, WhatIsUnlimitedOrUnknownIsNoTrouble) {
    EXPECT_THAT(judged().refusals, IsEmpty());
    EXPECT_THAT(judged().warnings, IsEmpty());
}

TEST_F(OfServerRoom, ASlotThatWouldBeLostInTheBuildIsARefusal) {
    room.kept_wal = 4 * one_gib;
    const auto survey = judged();
    ASSERT_THAT(survey.refusals, SizeIs(1));
    EXPECT_THAT(survey.refusals.front().reason,
                AllOf(HasSubstr("about 10 GiB"), HasSubstr("max_slot_wal_keep_size is 4 GiB")));
    EXPECT_THAT(survey.refusals.front().remedy, HasSubstr("raise it to 20 GiB"));
    EXPECT_THAT(survey.warnings, IsEmpty());
}

TEST_F(OfServerRoom, ASlotThatMayBeLostIsAWarning) {
    room.kept_wal = 5 * one_gib;
    EXPECT_THAT(judged().refusals, IsEmpty()) << "the indexes may be bloated";
    EXPECT_THAT(judged().warnings, ElementsAre(HasSubstr("max_slot_wal_keep_size is 5 GiB: raise it")));
    room.kept_wal = 20 * one_gib;
    EXPECT_THAT(judged().warnings, IsEmpty());
}

TEST_F(OfServerRoom, ADiskThatIsFullLaterIsSaidBefore) {
    room.wal_disk = 19 * one_gib;
    room.table_disk = 35 * one_gib;
    room.temp_files = 14 * one_gib;
    EXPECT_THAT(judged().refusals, IsEmpty());
    EXPECT_THAT(judged().warnings, ElementsAre(HasSubstr("19 GiB are free on the disk of pg_wal"),
                                               HasSubstr("takes up to 30 GiB, and 35 GiB are free where the table is"),
                                               HasSubstr("temp_file_limit is 14 GiB")));
    room.wal_disk = 20 * one_gib;
    room.table_disk = 36 * one_gib;
    room.temp_files = 15 * one_gib;
    EXPECT_THAT(judged().warnings, IsEmpty());
}

}  // namespace
}  // namespace pgwraith::migration
