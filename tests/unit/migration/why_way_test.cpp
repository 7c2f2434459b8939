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
    add(chosen, Way::online, "SET NOT NULL");
    EXPECT_THAT(why_direct(chosen), HasSubstr("rows are read"));
}

TEST(WhyDirect, ShowsBothSidesOfWhatWasWeighed) {
    ChosenWay chosen;
    add(chosen, Way::in_place, "fill a", PartKind::fill);
    chosen.weighed = plan::Weighed{1'000'000, 5 << 20, 3 << 20, 9 << 20, true};
    const auto why = why_direct(chosen);
    EXPECT_THAT(why, HasSubstr("about 1,000,000 rows get a new version"));
    EXPECT_THAT(why, HasSubstr("a shadow table is 9"));
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
    ChosenWay table;
    add(table, Way::shadow, "SET TABLESPACE fast", PartKind::set_tablespace);
    EXPECT_THAT(moves_of_indexes_only(table), IsEmpty()) << "the table itself";
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

}  // namespace
}  // namespace pgwraith::migration
