#include "context.h"

#include <gtest/gtest.h>

#include "pgwraith/postgres/error.h"

namespace pgwraith::migration {
namespace {

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
    const auto error = caught(in_context(denied, "in phase copy", "The state is kept."));
    EXPECT_EQ(error.kind(), ErrorKind::stopped);
    EXPECT_EQ(error.message(), "in phase copy: permission denied [SQLSTATE 42501]");
    EXPECT_EQ(error.hint(), "Ask for it. The state is kept.");
    const auto bug = std::make_exception_ptr(postgres::PgError("42601", "syntax error"));
    EXPECT_EQ(caught(in_context(bug, "in phase copy", "Report it.")).kind(), ErrorKind::internal);
}

TEST(InContext, OurOwnStaysAsItIs) {
    const auto ours = std::make_exception_ptr(Error(ErrorKind::refused, "no key", "Add one."));
    EXPECT_EQ(in_context(ours, "in phase copy", "x"), ours);
}

}  // namespace
}  // namespace pgwraith::migration
