#include "moment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace pgwraith::migration {
namespace {

using std::chrono::system_clock;
using testing::HasSubstr;

class Moment : public ::testing::Test {
  protected:
    std::string why_not(const std::optional<throttle::WallClock>& clock = std::nullopt) const {
        const auto why = why_not_now(board, word, now, clock);
        return why ? why->text : "now";
    }

    Word word = Word::awaited;
    asio::io_context io{1};
    Board board{io.get_executor(), {}};
    system_clock::time_point now = system_clock::from_time_t(1'795'827'600);  // 2026-11-28 01:00:00 UTC, a Saturday
};

TEST_F(Moment, IsNowUnlessSomethingSpeaksAgainstIt) { EXPECT_EQ(why_not(), "now"); }

TEST_F(Moment, OfAManualSwapIsToldByTheOperator) {
    board.settings.cutover.mode = config::CutoverMode::manual;
    EXPECT_THAT(why_not(), HasSubstr("waiting for `pgwraith cutover`"));
    board.cutover_requested = true;
    EXPECT_EQ(why_not(), "now");
}

TEST_F(Moment, OfWhatWasAskedForNeedsNoWordAgain) {
    board.settings.cutover.mode = config::CutoverMode::manual;
    board.progress.contracts = true;
    word = Word::given;
    EXPECT_EQ(why_not(), "now");
    board.wish.postponed = true;
    EXPECT_THAT(why_not(), HasSubstr("the contraction was postponed"));
    board.wish = {};
    board.settings.cutover.window = config::Hours::parse("Sat 02:00-05:00 Europe/Berlin");
    EXPECT_THAT(why_not(throttle::WallClock{5, 119}), HasSubstr("is in 1m"));
}

TEST_F(Moment, MayBePostponedOrNamed) {
    board.wish.postponed = true;
    EXPECT_THAT(why_not(), HasSubstr("postponed"));
    board.wish = {false, now + std::chrono::hours{1}};
    EXPECT_THAT(why_not(), HasSubstr("at 2026-11-28 02:00:00 UTC"));
    now += std::chrono::hours{1};
    EXPECT_EQ(why_not(), "now");
}

TEST_F(Moment, OfARehearsalIsTheWindowsAndNobodysWord) {
    board.progress.rehearsal = true;
    board.settings.cutover.mode = config::CutoverMode::manual;
    board.wish = {true, now + std::chrono::hours{1}};
    EXPECT_EQ(why_not(), "now");
    board.settings.cutover.window = config::Hours::parse("Sat 02:00-05:00 Europe/Berlin");
    EXPECT_THAT(why_not(throttle::WallClock{5, 119}), HasSubstr("is in 1m"));
}

TEST_F(Moment, LiesInTheWindow) {
    board.settings.cutover.window = config::Hours::parse("Sat 02:00-05:00 Europe/Berlin");
    EXPECT_EQ(why_not(throttle::WallClock{5, 120}), "now");
    EXPECT_THAT(why_not(throttle::WallClock{5, 119}), HasSubstr("is in 1m"));
}

TEST_F(Moment, IsNotWhileTheGateIsClosed) {
    board.gate.hold("replica_lag", "replica r is 20s behind");
    EXPECT_THAT(why_not(), HasSubstr("the swap waits: replica r is 20s behind"));
}

}  // namespace
}  // namespace pgwraith::migration
