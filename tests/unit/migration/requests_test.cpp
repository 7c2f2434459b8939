#include "requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pgwraith/base/error.h"
#include "ready_board.h"

namespace pgwraith::migration {
namespace {

using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Requests : public ReadyBoard {};

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
    board.progress.activity = {"the swap was postponed", Waits::others};
    const auto at = system_clock::from_time_t(1'795'831'200);
    EXPECT_THAT(request_cutover(board, at), HasSubstr("will begin at 2026-11-28 02:00:00 UTC"));
    EXPECT_TRUE(board.cutover_requested);
    EXPECT_FALSE(board.wish.postponed);
    EXPECT_EQ(board.wish.not_before, at);
    EXPECT_EQ(board.progress.activity, Activity{}) << "that is over";
}

TEST_F(Requests, WithoutASwapAPostponementHoldsTheStepsThatStopReaders) {
    board.progress.direct = true;
    EXPECT_THAT(postpone(board), HasSubstr("postponed: no step that stops readers before `pgwraith cutover`"));
}

TEST_F(Requests, APostponementSaysThatAnAttemptGoesOn) {
    EXPECT_THAT(postpone(board), Not(HasSubstr("an attempt")));
    board.wish = {};
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

TEST_F(Requests, WhatIsRefusedChangesNothing) {
    board.progress.phase = Phase::copy;
    EXPECT_THROW(request_verify(board), Error);
    EXPECT_FALSE(board.verify_requested);
    board.progress.phase = Phase::done;
    EXPECT_THROW(pause(board), Error);
    EXPECT_THROW(request_abort(board), Error);
    EXPECT_FALSE(board.gate.closed());
    EXPECT_FALSE(board.progress.aborting);
}

TEST_F(Requests, WhatIsAskedForTwiceIsNotedOnce) {
    EXPECT_EQ(request_verify(board), "verifying app.t again, from the start");
    EXPECT_TRUE(board.verify_requested);
    EXPECT_EQ(request_verify(board), "it is being verified already");
    pause(board);
    const auto since = board.progress.paused;
    EXPECT_THAT(pause(board), HasSubstr("paused already"));
    EXPECT_EQ(board.progress.paused, since);
    request_abort(board);
    EXPECT_TRUE(board.progress.aborting);
    EXPECT_THAT(request_abort(board), HasSubstr("being aborted already"));
}

TEST_F(Requests, VerifyingIsNotAskedForWhileItHappens) {
    board.progress.phase = Phase::verify;
    EXPECT_THAT(request_verify(board), HasSubstr("being verified already"));
    EXPECT_FALSE(board.verify_requested) << "it would be done twice";
}

TEST_F(Requests, ASettingOfAPhaseThatIsOverIsSaid) {
    EXPECT_THAT(set(board, "copy.chunk_target", "200ms"), HasSubstr("the copy is over"));
    EXPECT_THAT(set(board, "cutover.lock_timeout", "200ms"), Not(HasSubstr("is over")));
    board.progress.phase = Phase::copy;
    EXPECT_EQ(set(board, "copy.chunk_target", "100ms"), "copy.chunk_target is now 100ms, until this process ends");
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
