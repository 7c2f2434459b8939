#include "requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "pgwraith/base/error.h"

namespace pgwraith::migration {
namespace {

using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Requests : public ::testing::Test {
  protected:
    Requests() {
        board.settings.table = {"app", "t"};
        board.settings.cutover.mode = config::CutoverMode::manual;
        board.progress.phase = Phase::ready;
    }

    asio::io_context io{1};
    Board board{io.get_executor(), {}};
};

TEST_F(Requests, APauseIsAReasonOfTheGate) {
    pause(board);
    EXPECT_TRUE(board.gate.closed());
    EXPECT_THAT(board.progress.throttled.value_or(""), HasSubstr("paused by the operator"));
    resume(board);
    EXPECT_FALSE(board.gate.closed());
    EXPECT_FALSE(board.progress.throttled);
}

TEST_F(Requests, ResumingLetsTheThrottlesOwnReasonsStand) {
    board.gate.hold("replica_lag", "replica r is 20s behind", 2);
    pause(board);
    resume(board);
    EXPECT_TRUE(board.gate.closed());
    EXPECT_EQ(board.progress.throttled, "replica r is 20s behind");
}

TEST_F(Requests, ACutoverBeginsNowIfNothingStandsInItsWay) {
    EXPECT_EQ(request_cutover(board, std::nullopt), "the cutover begins now");
    EXPECT_TRUE(board.cutover_requested);
    EXPECT_TRUE(board.wish_said);
}

TEST_F(Requests, ACutoverIsSaidToWait) {
    board.progress.phase = Phase::copy;
    EXPECT_THAT(request_cutover(board, std::nullopt),
                HasSubstr("as soon as the migration is ready (it is in phase copy)"));
    pause(board);
    EXPECT_THAT(request_cutover(board, std::nullopt), HasSubstr("phase copy, waiting: paused by the operator"));
    resume(board);
    board.progress.phase = Phase::ready;
    board.settings.cutover.window = config::Hours::parse("Sat 02:00-05:00 Europe/Berlin");
    EXPECT_THAT(request_cutover(board, std::nullopt), HasSubstr("within Sat 02:00-05:00 Europe/Berlin"));
}

TEST_F(Requests, ACutoverAtATimeTakesAPostponementBack) {
    EXPECT_THAT(postpone(board), HasSubstr("postponed: no swap before `pgwraith cutover`"));
    EXPECT_FALSE(board.cutover_requested);
    EXPECT_TRUE(board.wish.postponed);
    const auto at = system_clock::from_time_t(1'795'831'200);
    EXPECT_THAT(request_cutover(board, at), HasSubstr("will begin at 2026-11-28 02:00:00 UTC"));
    EXPECT_TRUE(board.cutover_requested);
    EXPECT_FALSE(board.wish.postponed);
    EXPECT_EQ(board.wish.not_before, at);
}

TEST_F(Requests, APostponementSaysThatAnAttemptGoesOn) {
    EXPECT_THAT(postpone(board), Not(HasSubstr("an attempt")));
    board.progress.phase = Phase::cutover;
    EXPECT_THAT(postpone(board), HasSubstr("an attempt that has begun comes to its end"));
}

TEST_F(Requests, ARehearsalHasNoCutover) {
    board.progress.rehearsal = true;
    EXPECT_THROW(request_cutover(board, std::nullopt), Error);
    EXPECT_THROW(postpone(board), Error);
    EXPECT_THROW(request_verify(board), Error);
    EXPECT_FALSE(board.cutover_requested);
    EXPECT_FALSE(board.wish_said);
}

TEST_F(Requests, VerifyingAgainIsForAMigrationThatWaits) {
    EXPECT_EQ(request_verify(board), "verifying \"app\".\"t\" again, from the start");
    EXPECT_TRUE(board.verify_requested);
    EXPECT_EQ(request_verify(board), "it is being verified already");
}

TEST_F(Requests, VerifyingAgainSaysWhyNot) {
    const auto why = [&] {
        try {
            request_verify(board);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::stopped);
            return error.message();
        }
        return std::string("no error");
    };
    board.progress.phase = Phase::copy;
    EXPECT_THAT(why(), AllOf(HasSubstr("in phase copy"), Not(HasSubstr("goes on"))));
    board.settings.cutover.mode = config::CutoverMode::automatic;
    EXPECT_THAT(why(), HasSubstr("in phase copy and goes on to the cutover by itself"));
    board.progress.phase = Phase::ready;
    EXPECT_THAT(why(), HasSubstr("goes on to the cutover by itself"));
    EXPECT_FALSE(board.verify_requested);
    board.wish.postponed = true;
    EXPECT_EQ(why(), "no error") << "a postponed one waits as a manual one does";
}

TEST_F(Requests, ASettingIsChangedOrRefused) {
    set(board, "copy.workers", "7");
    EXPECT_EQ(board.settings.copy.workers, 7);
    EXPECT_THROW(set(board, "copy.workers", "many"), Error);
    EXPECT_THROW(set(board, "table", "other"), Error);
    EXPECT_EQ(board.settings.copy.workers, 7);
}

TEST_F(Requests, AFileThatIsWrongChangesNothing) {
    board.settings.file = testing::TempDir() + "requests_test.yaml";
    std::ofstream(board.settings.file) << "copy: { workers: no number }\n";
    const auto before = board.settings;
    EXPECT_NO_THROW(read_settings_again(board));
    EXPECT_EQ(board.settings, before);
    std::filesystem::remove(board.settings.file);
}

}  // namespace
}  // namespace pgwraith::migration
