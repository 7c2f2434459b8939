#include "context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/postgres/error.h"

namespace pgwraith::migration {
namespace {

using testing::HasSubstr;
using testing::Not;

Error caught(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::internal, "no Error");
}

TEST(InContext, AServersErrorIsTold) {
    const auto denied = std::make_exception_ptr(postgres::PgError("42501", "permission denied", "", "Ask for it"));
    const auto error = caught(in_context(denied, "in phase copy", "The state is kept.", ""));
    EXPECT_EQ(error.kind(), ErrorKind::stopped);
    EXPECT_EQ(error.message(), "in phase copy: permission denied [SQLSTATE 42501]");
    EXPECT_EQ(error.hint(), "Ask for it. The state is kept.");
    const auto bug = std::make_exception_ptr(postgres::PgError("42601", "syntax error"));
    EXPECT_EQ(caught(in_context(bug, "in phase copy", "Report it.", "")).kind(), ErrorKind::internal);
}

TEST(InContext, OurOwnSaysTheState) {
    const auto ours = std::make_exception_ptr(Error(ErrorKind::refused, "no key", "Add one."));
    const auto told = caught(in_context(ours, "in phase copy", "x", "Nothing was changed."));
    EXPECT_EQ(told.kind(), ErrorKind::refused);
    EXPECT_EQ(told.message(), "no key");
    EXPECT_EQ(told.hint(), "Add one. Nothing was changed.");
    const auto alone = std::make_exception_ptr(Error(ErrorKind::stopped, "the slot is gone"));
    EXPECT_EQ(caught(in_context(alone, "in phase copy", "The state is kept.", "y")).hint(), "The state is kept.");
    for (const char* hint : {"The state is kept: go on.", "Nothing was changed.", "The table has its new shape."}) {
        const auto complete = std::make_exception_ptr(Error(ErrorKind::stopped, "gave up", hint));
        EXPECT_EQ(in_context(complete, "in phase copy", "x", "y"), complete) << hint;
    }
}

Progress in(Phase phase) {
    Progress progress;
    progress.phase = phase;
    return progress;
}

TEST(InWords, SaysWhatWasDone) {
    auto progress = in(Phase::build);
    EXPECT_EQ(doing_in_words(progress), "in phase build");
    progress.activity = {"building t_a_idx"};
    EXPECT_EQ(doing_in_words(progress), "in phase build (building t_a_idx)");
    progress.phase = Phase::done;
    EXPECT_EQ(doing_in_words(progress), "after the swap");
}

TEST(InWords, SaysWhatIsThereAndWhatToDo) {
    EXPECT_EQ(state_in_words(in(Phase::prepare), false), "Nothing was changed.");
    EXPECT_THAT(state_in_words(in(Phase::copy), true), HasSubstr("The live table is as it was"));
    EXPECT_THAT(state_in_words(in(Phase::done), true), HasSubstr("The table has its new shape"));
    EXPECT_THAT(state_in_words(in(Phase::done), false), HasSubstr("The table has its new shape"));
    auto direct = in(Phase::steps);
    direct.direct = true;
    EXPECT_EQ(state_in_words(direct, false), "Nothing was changed.");
    EXPECT_THAT(state_in_words(direct, true), HasSubstr("What was done stays"));
}

TEST(StoppedOnRequest, SaysWhatTheSameCommandDoes) {
    EXPECT_THAT(stopped_on_request(in(Phase::prepare), false).message(), HasSubstr("nothing had begun"));
    const auto copying = stopped_on_request(in(Phase::copy), true);
    EXPECT_EQ(copying.kind(), ErrorKind::stopped);
    EXPECT_THAT(copying.hint(), HasSubstr("carries on"));
    EXPECT_THAT(copying.hint(), Not(HasSubstr("keeps WAL")));
    auto with_slot = in(Phase::copy);
    with_slot.slot = true;
    EXPECT_THAT(stopped_on_request(with_slot, true).hint(), HasSubstr("the replication slot keeps WAL"));
    EXPECT_THAT(stopped_on_request(in(Phase::done), true).message(), HasSubstr("has its new shape"));
    auto rehearsal = in(Phase::copy);
    rehearsal.rehearsal = true;
    EXPECT_THAT(stopped_on_request(rehearsal, true).hint(), HasSubstr("goes back in the end"));
}

TEST(AbortedOnRequest, SaysWhatCannotBeTakenBack) {
    EXPECT_EQ(aborted_on_request({"app", "t"}, {}).message(),
              "aborted: everything that was made for \"app\".\"t\" is gone, the table is as it was");
    const auto kept = aborted_on_request({"app", "t"}, {"the values of column a", "index i"});
    EXPECT_EQ(kept.kind(), ErrorKind::aborted);
    EXPECT_THAT(kept.message(), HasSubstr("what cannot be taken back: the values of column a; index i"));
    EXPECT_THAT(kept.message(), Not(HasSubstr("as it was")));
}

TEST(Context, AnAbortThatDidNotFinishIsToBeRepeated) {
    Progress progress;
    progress.aborting = true;
    progress.phase = Phase::copy;
    EXPECT_EQ(doing_in_words(progress), "the abort did not finish");
    EXPECT_THAT(state_in_words(progress, true), testing::HasSubstr("`pgwraith abort` goes on"));
    EXPECT_THAT(stopped_on_request(progress, true).report(), testing::HasSubstr("while it was being aborted"));
}

}  // namespace
}  // namespace pgwraith::migration
