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

// Each failure, and what it is taken for.
TEST(TransientFailure, IsNoOutageWhenTheServerAnswers) {
    const auto of = [](const char* state) { return std::make_exception_ptr(postgres::PgError(state, "no", "", "")); };
    EXPECT_TRUE(is_no_outage(of("55P03")));
    EXPECT_TRUE(is_lock_refused(of("55P03")));
    EXPECT_FALSE(is_connection_limit(of("55P03")));
    EXPECT_TRUE(is_no_outage(of("53300")));
    EXPECT_TRUE(is_connection_limit(of("53300")));
    EXPECT_FALSE(is_lock_refused(of("53300")));
    EXPECT_FALSE(is_no_outage(of("57P01")));
    const auto ours = std::make_exception_ptr(Error(ErrorKind::refused, "no key"));
    EXPECT_FALSE(is_no_outage(ours));
    EXPECT_FALSE(is_lock_refused(ours));
    EXPECT_FALSE(is_connection_limit(ours));
}

TEST(TransientFailure, TheStoresIsTheStores) {
    EXPECT_TRUE(is_store_failure(std::make_exception_ptr(store::StoreUnavailable("no space left"))));
    EXPECT_FALSE(is_store_failure(std::make_exception_ptr(postgres::PgError("57P01", "gone", "", ""))));
}

class RetryTest : public testing::Test {
  protected:
    // One failure, and the pause after it.
    std::exception_ptr fail() {
        std::exception_ptr result;
        asio::co_spawn(io, retry.wait("the server went away", outage),
                       [&](std::exception_ptr error) { result = error; });
        io.restart();
        io.run();
        return result;
    }

    bool outage = true;
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

TEST_F(RetryTest, GivesUpInTime) {
    board.settings.reconnect.give_up_after = milliseconds{1'200};  // the pauses are 500 ms, 1 s, …
    const auto began = Clock::now();
    EXPECT_EQ(fail(), nullptr);
    EXPECT_EQ(fail(), nullptr);
    EXPECT_NE(fail(), nullptr);
    const auto took = Clock::now() - began;
    EXPECT_GE(took, milliseconds{1'200});
    EXPECT_LT(took, milliseconds{1'450});
}

TEST_F(RetryTest, WhatIsNoOutageIsWaitedForWithoutAnEnd) {
    board.settings.reconnect.give_up_after = milliseconds{100};
    outage = false;
    EXPECT_EQ(fail(), nullptr);
    EXPECT_EQ(fail(), nullptr);
    EXPECT_FALSE(retry.failing());
    outage = true;
    EXPECT_EQ(fail(), nullptr) << "the outage begins here";
    EXPECT_NE(fail(), nullptr);
}

TEST_F(RetryTest, TheSlotIsSpokenOfOnlyWhenThereIsOne) {
    board.settings.reconnect.give_up_after = milliseconds{1};
    for (const bool slot : {false, true}) {
        board.progress.slot = slot;
        fail();
        try {
            std::rethrow_exception(fail());
        } catch (const Error& error) {
            EXPECT_EQ(error.hint().find("slot") != std::string::npos, slot);
        }
    }
}

TEST(NoOutage, IsALockOrALimitOfConnections) {
    const auto failed = [](const char* state) { return std::make_exception_ptr(postgres::PgError(state, "no")); };
    EXPECT_TRUE(is_no_outage(failed("53300")));
    EXPECT_TRUE(is_no_outage(failed("55P03")));
    EXPECT_FALSE(is_no_outage(failed("53100")));
    EXPECT_FALSE(is_no_outage(failed("")));
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
