#include "retry.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/store/store.h"

namespace pgwraith::migration {
namespace {

TEST(TransientFailure, IsWhatMayGoAwayByItself) {
    auto lost = std::make_exception_ptr(postgres::PgError("57P01", "terminating connection", "", ""));
    EXPECT_THAT(transient_failure(lost), testing::Optional(testing::HasSubstr("terminating connection")));
    auto full = std::make_exception_ptr(store::StoreUnavailable("no space left"));
    EXPECT_THAT(transient_failure(full), testing::Optional(testing::HasSubstr("no space left")));
}

TEST(TransientFailure, IsNotWhatWouldFailTheSameWayAgain) {
    auto data = std::make_exception_ptr(postgres::PgError("22003", "integer out of range", "", ""));
    EXPECT_EQ(transient_failure(data), std::nullopt);
    auto refused = std::make_exception_ptr(Error(ErrorKind::refused, "no key"));
    EXPECT_EQ(transient_failure(refused), std::nullopt);
    auto cancelled = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
    EXPECT_EQ(transient_failure(cancelled), std::nullopt);
}

class RetryTest : public testing::Test {
  protected:
    // One failure, and the pause after it.
    std::exception_ptr fail() {
        std::exception_ptr result;
        asio::co_spawn(io, retry.wait("the server went away"), [&](std::exception_ptr error) { result = error; });
        io.restart();
        io.run();
        return result;
    }

    asio::io_context io{1};
    Board board{io.get_executor(), {}};
    Retry retry{board};
};

TEST_F(RetryTest, GivesUpWhenItFailedForTooLong) {
    EXPECT_FALSE(retry.failing());
    board.settings.reconnect.give_up_after = milliseconds{100};
    EXPECT_EQ(fail(), nullptr) << "the first failure is never the last";
    EXPECT_TRUE(retry.failing());
    EXPECT_EQ(board.progress.reconnects, 1U);
    try {
        std::rethrow_exception(fail());
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
        EXPECT_THAT(error.message(), testing::HasSubstr("the server went away"));
    }
}

TEST_F(RetryTest, AnAttemptThatGotSomewhereStartsTheClockAfresh) {
    board.settings.reconnect.give_up_after = milliseconds{100};
    EXPECT_EQ(fail(), nullptr);
    retry.start_afresh();
    EXPECT_FALSE(retry.failing());
    EXPECT_EQ(fail(), nullptr);
}

}  // namespace
}  // namespace pgwraith::migration
