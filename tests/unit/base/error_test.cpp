#include "pgwraith/base/error.h"

#include <gtest/gtest.h>

namespace pgwraith {
namespace {

TEST(Error, EveryKindHasTheExitStatusOfTheDesign) {
    EXPECT_EQ(exit_status(ErrorKind::internal), 1);
    EXPECT_EQ(exit_status(ErrorKind::usage), 2);
    EXPECT_EQ(exit_status(ErrorKind::refused), 3);
    EXPECT_EQ(exit_status(ErrorKind::stopped), 4);
    EXPECT_EQ(exit_status(ErrorKind::aborted), 5);
    EXPECT_EQ(exit_status(ErrorKind::unknown_outcome), 6);
}

TEST(Error, ReportHasTheHintOnALineOfItsOwn) {
    const Error with_hint(ErrorKind::stopped, "the slot is lost", "run abort, then run again");
    EXPECT_EQ(with_hint.report(), "the slot is lost\nhint: run abort, then run again");
    EXPECT_STREQ(with_hint.what(), "the slot is lost");
    EXPECT_EQ(Error(ErrorKind::usage, "no file").report(), "no file");
}

TEST(Ensure, ThrowsAnInternalErrorOnlyWhenBroken) {
    EXPECT_NO_THROW(ensure(true, "fine"));
    try {
        ensure(false, "chunk counted twice");
        FAIL() << "not thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::internal);
        EXPECT_EQ(error.message(), "internal error: chunk counted twice");
    }
}

}  // namespace
}  // namespace pgwraith
