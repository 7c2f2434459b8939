#include "pgwraith/migration/progress.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "board.h"

namespace pgwraith::migration {
namespace {

TEST(PhaseName, IsAnotherOneForEach) {
    std::set<std::string> names;
    for (const Phase phase : all_phases) names.insert(phase_name(phase));
    EXPECT_EQ(names.size(), all_phases.size());
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(Fraction, IsOfTheUnitsAndNeverMoreThanAll) {
    Progress progress;
    progress.phase = Phase::copy;
    EXPECT_EQ(progress.fraction(), 0) << "it is not known yet how many there are";
    progress.units_total = 200;
    progress.units_done = 50;
    EXPECT_EQ(progress.fraction(), 0.25);
    progress.units_done = 300;
    EXPECT_EQ(progress.fraction(), 1) << "the table has grown";
}

TEST(Fraction, IsAllWhereNothingIsLeftToBeDone) {
    for (const Phase phase : {Phase::ready, Phase::expanded, Phase::done}) {
        Progress progress;
        progress.phase = phase;
        EXPECT_EQ(progress.fraction(), 1) << phase_name(phase);
    }
}

TEST(Board, TimesEachPhaseInTheOrderInWhichTheyBegan) {
    asio::io_context io{1};
    Board board(io.get_executor(), {});
    board.enter(Phase::copy);
    board.enter(Phase::build);
    board.enter(Phase::copy);  // it starts over
    const auto& times = board.progress.phase_times;
    ASSERT_GE(times.size(), 2U);
    EXPECT_EQ(board.progress.phase, Phase::copy);
    EXPECT_EQ(times[times.size() - 2].first, Phase::copy);
    EXPECT_EQ(times.back().first, Phase::build);
}

}  // namespace
}  // namespace pgwraith::migration
