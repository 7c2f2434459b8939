#include "pgwraith/control/headline.h"

#include <gmock/gmock.h>

#include "fake_commands.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/status.h"

namespace pgwraith::control {
namespace {

using migration::Phase;
using testing::AllOf;
using testing::HasSubstr;

class OfHeadline : public ::testing::Test {
  protected:
    OfHeadline() { progress.eta.reset(); }
    Headline now() const { return headline(progress, commands.settings_, 42.3, at); }

    FakeCommands commands;
    migration::Progress& progress = commands.state;
    const Clock::time_point at = Clock::now();
};

TEST_F(OfHeadline, WellSaysWhatIsDoneAndWhatFollows) {
    auto line = now();
    EXPECT_EQ(line.health, Health::well);
    EXPECT_EQ(line.what, "copying, 42.3%");
    EXPECT_EQ(line.next, "the swap follows by itself");
    progress.eta_total = milliseconds{300'000};
    commands.settings_.cutover.mode = config::CutoverMode::manual;
    line = now();
    EXPECT_EQ(line.what, "copying, 42.3%, ready in about 5m 00s");
    EXPECT_EQ(line.next, "`pgwraith cutover` is awaited before the swap");
}

// What was asked for counts more than the mode.
TEST_F(OfHeadline, WhatFollowsIsWhatWasAskedFor) {
    progress.swap_when = "postponed, until `pgwraith cutover`";
    EXPECT_EQ(now().next, "the swap: postponed, until `pgwraith cutover`");
}

TEST_F(OfHeadline, EachPhaseHasItsWords) {
    for (const auto phase : migration::all_phases) {
        progress.phase = phase;
        EXPECT_FALSE(now().what.empty()) << migration::phase_name(phase);
        EXPECT_FALSE(now().next.empty()) << migration::phase_name(phase);
    }
}

TEST_F(OfHeadline, ReadyWaitsForAWord) {
    progress.phase = Phase::ready;
    progress.activity = {"waiting for `pgwraith cutover`"};
    EXPECT_EQ(now().health, Health::waits);
    EXPECT_EQ(now().what, "ready: waiting for `pgwraith cutover`");
}

TEST_F(OfHeadline, HeldNamesTheSignalOrThePause) {
    progress.throttled = "replica r is 20s behind (limit 10s)";
    EXPECT_EQ(now().health, Health::held);
    EXPECT_EQ(now().what, "replica r is 20s behind (limit 10s) (phase copy)");
    progress.paused = at - milliseconds{60'000};
    EXPECT_EQ(now().what, "paused by the operator for 1m 00s (phase copy)");
    EXPECT_THAT(now().next, HasSubstr("pgwraith resume"));
}

TEST_F(OfHeadline, AServerThatIsAwayIsTrouble) {
    progress.outage = migration::Outage{"connection refused", at, at + milliseconds{4'000}, at + milliseconds{65'000}};
    EXPECT_EQ(now().health, Health::trouble);
    EXPECT_EQ(now().what, "connection refused");
    EXPECT_EQ(now().next, "tried again in 4s; stops in 1m 05s, its state kept");
    progress.outage->gives_up.reset();
    EXPECT_EQ(now().health, Health::waits) << "a lock, or no connection left";
}

TEST_F(OfHeadline, WhatEndsInFailureIsTroubleBefore) {
    progress.drift = {"column n was dropped"};
    EXPECT_EQ(now().health, Health::trouble);
    EXPECT_THAT(now().what, HasSubstr("column n was dropped"));
    progress.drift.clear();
    progress.wal_left_for = milliseconds{600'000};
    progress.safe_wal_bytes = 1 << 20;
    EXPECT_EQ(now().health, Health::trouble);
    EXPECT_THAT(now().what, AllOf(HasSubstr("takes the slot in about 10m"), HasSubstr("1 MiB more")));
    progress.wal_left_for = std::chrono::hours{5};
    EXPECT_EQ(now().health, Health::well);
    progress.phase = Phase::catch_up;
    progress.pending_changes = 100'000;
    progress.changes_per_second = 2'000;
    progress.applied_per_second = 1'000;
    EXPECT_EQ(now().health, Health::well) << "many changes of few keys, or a moment without a batch";
    progress.falls_behind = true;
    progress.activity = {
        "the table changes faster than its changes are applied: 100,000 keys wait, 90,000 did 10s ago"};
    EXPECT_EQ(now().health, Health::trouble);
    EXPECT_EQ(now().what, progress.activity.text);
}

TEST_F(OfHeadline, SomeAttemptsThatFailAreAWaitManyAreTrouble) {
    progress.phase = Phase::cutover;
    progress.activity = {"attempt 2: pid 7 holds it", Waits::called_off};
    progress.cutover_attempts = 2;
    EXPECT_EQ(now().health, Health::waits);
    progress.cutover_attempts = 5;
    EXPECT_EQ(now().health, Health::trouble);
    EXPECT_THAT(now().next, HasSubstr("terminate_blockers"));
}

TEST_F(OfHeadline, AnIndexThatWaitsForATransactionWaits) {
    progress.direct = true;
    progress.phase = Phase::steps;
    progress.activity = {"CREATE INDEX t_n: pid 7 (app, psql)", Waits::others};
    EXPECT_EQ(now().health, Health::waits);
    EXPECT_EQ(now().what, "CREATE INDEX t_n: pid 7 (app, psql) (phase steps)");
    progress.activity.waits = Waits::no;
    EXPECT_EQ(now().health, Health::well);
}

// Its words are for people: a table may be called as they are.
TEST_F(OfHeadline, WhatItWaitsForIsNotReadOutOfItsWords) {
    progress.phase = Phase::build;
    progress.activity = {"waiting was called off: waiting for pid 7"};
    EXPECT_EQ(now().health, Health::well);
}

TEST_F(OfHeadline, AProcessThatConnectsNamesThePhaseThatItCarriesOnIn) {
    progress.activity = {"connecting to the server", Waits::server};
    EXPECT_EQ(now().health, Health::waits);
    EXPECT_EQ(now().what, "connecting to the server (phase copy)");
    progress.phase = Phase::ready;
    EXPECT_EQ(now().what, "connecting to the server (phase ready)");
}

TEST_F(OfHeadline, StepsHaveTheirOwnWordsForTheRest) {
    progress.direct = true;
    progress.phase = Phase::steps;
    progress.units_total = 0;
    progress.eta = milliseconds{60'000};
    progress.eta_total.reset();
    EXPECT_EQ(now().what, "changing the table step by step, the step takes " + format_eta(*progress.eta) + " more");
    progress.eta_total = milliseconds{90'000};
    EXPECT_EQ(now().what, "changing the table step by step, done in about " + format_eta(*progress.eta_total));
    progress.expands = true;
    EXPECT_THAT(now().what, HasSubstr("ready in about"));
}

TEST_F(OfHeadline, AStateThatCannotBeReadIsOneSentence) {
    const Error damaged(ErrorKind::stopped, "The store is damaged.", "It was left as it is.");
    const auto status = stored_json(std::nullopt, commands.settings_, std::nullopt, &damaged);
    EXPECT_EQ(status.at("headline"), "no process is running, and its state cannot be read: The store is damaged");
}

TEST_F(OfHeadline, AnAbortComesBeforeAllElse) {
    progress.aborting = true;
    progress.outage = migration::Outage{};
    EXPECT_THAT(now().what, HasSubstr("aborting"));
}

// The phase says what stood before the abort.
TEST_F(OfHeadline, WithoutAProcessAnAbortThatHasBegunIsAllThatCounts) {
    progress.phase = Phase::expanded;
    progress.direct = progress.expands = progress.aborting = true;
    const auto line = headline_without_process(progress, commands.settings_, std::nullopt);
    EXPECT_EQ(line.health, Health::stopped);
    EXPECT_THAT(line.what, HasSubstr("an abort has begun"));
    EXPECT_THAT(line.next, HasSubstr("`pgwraith abort` goes on"));
    EXPECT_THAT(versions_text(progress), HasSubstr("old versions of the application only: "));
    progress.aborting = false;
    EXPECT_THAT(versions_text(progress), HasSubstr("side by side"));
}

TEST_F(OfHeadline, WithoutAProcessAnAbortIsCalledWhatItIs) {
    const auto next = [this] { return headline_without_process(progress, commands.settings_, std::nullopt).next; };
    progress.phase = Phase::copy;
    EXPECT_THAT(next(), HasSubstr("`pgwraith abort` drops everything"));
    progress.phase = Phase::steps;
    progress.direct = true;
    EXPECT_THAT(next(), HasSubstr("`pgwraith abort` takes back what was done"));
}

}  // namespace
}  // namespace pgwraith::control
