#include "why_way.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using plan::Part;
using plan::PartKind;
using plan::Way;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

void add(ChosenWay& chosen, Way way, const std::string& summary, PartKind kind = PartKind::alter_type) {
    Part part;
    part.kind = kind;
    part.summary = summary;
    part.line = static_cast<int>(chosen.parts.size()) + 1;
    chosen.parts.push_back(part);
    chosen.ways.push_back({way, "why of " + summary, "", false, false});
    chosen.way = plan::way_of_all(chosen.ways);
}

void add_move(ChosenWay& chosen) {
    add(chosen, Way::shadow, "ALTER INDEX Odd SET TABLESPACE fast", PartKind::set_tablespace);
    chosen.parts.back().name = "Odd";
    chosen.parts.back().sql = "ALTER INDEX \"Odd\" SET TABLESPACE fast";
}

TEST(WhyDirect, SaysWhatIsReadAndWritten) {
    ChosenWay chosen;
    EXPECT_THAT(why_direct(chosen), HasSubstr("nothing to change"));
    add(chosen, Way::instant, "DROP COLUMN a");
    EXPECT_THAT(why_direct(chosen), HasSubstr("no row has to be read or written"));
    add(chosen, Way::online, "DROP INDEX i");
    EXPECT_THAT(why_direct(chosen), HasSubstr("no row has to be read or written"));
    add(chosen, Way::online, "SET NOT NULL");
    chosen.ways.back().reads_table = true;
    EXPECT_THAT(why_direct(chosen), HasSubstr("rows are read"));
}

plan::Weighed weighed(bool in_place, double in_place_seconds) {
    plan::Weighed found;
    found.rows_written = 1'000'000;
    found.in_place_bytes = 5 << 20;
    found.in_place_wal = 20 << 20;
    found.in_place_seconds = in_place_seconds;
    found.shadow_bytes = 9 << 20;
    found.shadow_seconds = 7;
    found.in_place = in_place;
    return found;
}

TEST(WhyWeighed, ShowsBothSides) {
    const auto why = why_weighed(weighed(true, 4), "");
    EXPECT_THAT(why,
                HasSubstr("it takes no longer than a shadow table: in place, about 1,000,000 rows get a new version"));
    EXPECT_THAT(why, HasSubstr("about 5 s; a shadow table is 9"));
    EXPECT_THAT(why, HasSubstr("of WAL, about 10 s"));
}

TEST(WhyWeighed, SaysWhichWayAndWhy) {
    EXPECT_THAT(why_weighed(weighed(true, 9), ""), HasSubstr("it is over soon, and needs no second table: "));
    EXPECT_THAT(why_weighed(weighed(false, 20), ""),
                HasSubstr("a shadow table is taken because it is the cheaper one: "));
    EXPECT_THAT(why_weighed(weighed(false, 20), "wal_level is replica"),
                HasSubstr("a shadow table would be the cheaper one, but wal_level is replica: in place"));
}

TEST(WhyShadow, NamesThePartsThatNeedOneAndNoOther) {
    ChosenWay chosen;
    add(chosen, Way::instant, "DROP COLUMN a");
    add(chosen, Way::shadow, "ALTER b TYPE bigint");
    add(chosen, Way::shadow, "ALTER c TYPE bigint");
    EXPECT_EQ(why_shadow(chosen),
              "ALTER b TYPE bigint: why of ALTER b TYPE bigint; ALTER c TYPE bigint: why of ALTER c TYPE bigint");
    EXPECT_THAT(reasons_for_shadow(chosen),
                ElementsAre(Field(&Plan::Reason::reason, HasSubstr("sql, line 2: ALTER b")),
                            Field(&Plan::Reason::reason, HasSubstr("sql, line 3: ALTER c"))));
}

TEST(MovesOfIndexesOnly, NamesWhatMovesAnIndex) {
    ChosenWay chosen;
    add(chosen, Way::instant, "DROP COLUMN a");
    EXPECT_THAT(moves_of_indexes_only(chosen), IsEmpty());
    add_move(chosen);
    const auto moves = moves_of_indexes_only(chosen);
    ASSERT_THAT(moves, SizeIs(1));
    EXPECT_THAT(moves.front().remedy, HasSubstr("REINDEX (TABLESPACE fast) INDEX CONCURRENTLY \"Odd\""));
}

TEST(MovesOfIndexesOnly, IsNoRefusalBesideWhatNeedsAShadowAnyway) {
    ChosenWay chosen;
    add_move(chosen);
    add(chosen, Way::shadow, "ALTER b TYPE bigint");
    EXPECT_THAT(moves_of_indexes_only(chosen), IsEmpty());
    ChosenWay whole_table;
    add(whole_table, Way::shadow, "SET TABLESPACE fast", PartKind::set_tablespace);
    EXPECT_THAT(moves_of_indexes_only(whole_table), IsEmpty()) << "the table itself";
}

TEST(AddWhyShadow, IsSaidWhereTheShadowWasNotAskedFor) {
    config::Settings settings;
    ChosenWay chosen;
    add(chosen, Way::shadow, "ALTER b TYPE bigint");
    chosen.why = why_shadow(chosen);
    std::vector<Plan::Reason> refusals;
    settings.strategy = config::Strategy::shadow;
    add_why_shadow(settings, chosen, refusals);
    EXPECT_THAT(refusals, IsEmpty());
    settings.strategy = config::Strategy::automatic;
    add_why_shadow(settings, chosen, refusals);
    ASSERT_THAT(refusals, SizeIs(1));
    EXPECT_THAT(refusals.front().reason, HasSubstr("a shadow table is needed: ALTER b"));
    chosen.way = Way::instant;
    add_why_shadow(settings, chosen, refusals);
    EXPECT_THAT(refusals, SizeIs(1)) << "nothing needs one";
}

TEST(AddWhyShadow, OffersAMigrationOfItsOwnOnlyToWhatNeedsNoShadow) {
    const config::Settings settings{};
    std::vector<Plan::Reason> refusals;
    ChosenWay chosen;
    chosen.way = Way::shadow;
    chosen.why = "an empty `sql` rebuilds the table as it is";
    add_why_shadow(settings, chosen, refusals);
    EXPECT_THAT(refusals.at(0).remedy, HasSubstr("no other way"));
    add(chosen, Way::shadow, "ALTER COLUMN a TYPE bigint");
    add(chosen, Way::instant, "DROP COLUMN b");
    add_why_shadow(settings, chosen, refusals);
    EXPECT_THAT(refusals.at(1).remedy, HasSubstr("a migration of its own"));
}

}  // namespace
}  // namespace pgwraith::migration
