#include "pgwraith/base/async.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace pgwraith {
namespace {

// Longer than any test takes: a wait that is not ended by what the test does makes it fail, not pass.
constexpr milliseconds forever{60'000};

class AsyncTest : public ::testing::Test {
  protected:
    // Runs the coroutine and whatever it spawns to the end; rethrows.
    void run(Task<void> work) {
        std::exception_ptr failure;
        const auto began = Clock::now();
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) { failure = error; });
        io.run();
        EXPECT_LT(Clock::now() - began, forever / 2);
        if (failure) std::rethrow_exception(failure);
    }

    asio::io_context io{1};
    std::vector<std::string> seen;
};

Task<void> sleep_and_note(std::vector<std::string>& seen, std::string name) {
    std::exception_ptr failure;
    try {
        co_await sleep_for(forever);
        seen.push_back(name + " slept");
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    seen.push_back(name + (is_cancellation(failure) ? " cancelled" : " failed"));
    std::rethrow_exception(failure);
}

Task<void> fail(std::string why) {
    co_await sleep_for(milliseconds{1});
    throw std::runtime_error(why);
}

Task<void> note(std::vector<std::string>& seen, std::string name) {
    co_await sleep_for(milliseconds{1});
    seen.push_back(name);
}

Task<void> join_failing(asio::any_io_executor executor, std::vector<std::string>& seen) {
    TaskGroup group(executor);
    group.spawn(sleep_and_note(seen, "sibling"));
    group.spawn(fail("the first"));
    std::string message;
    try {
        co_await group.join();
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    seen.push_back(message);
    EXPECT_TRUE(group.failed());
}

TEST_F(AsyncTest, TheFirstFailureOfAGroupCancelsTheOthersAndComesOutOfJoin) {
    run(join_failing(io.get_executor(), seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"sibling cancelled", "the first"}));
}

Task<void> join_all(asio::any_io_executor executor, std::vector<std::string>& seen) {
    TaskGroup group(executor);
    for (int i = 0; i < 3; ++i) group.spawn(note(seen, "child"));
    co_await group.join();
    seen.emplace_back("joined");
    EXPECT_FALSE(group.failed());
}

TEST_F(AsyncTest, JoinWaitsForAllChildren) {
    run(join_all(io.get_executor(), seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"child", "child", "child", "joined"}));
}

Task<void> cancel_group(asio::any_io_executor executor, std::vector<std::string>& seen) {
    TaskGroup group(executor);
    group.spawn(sleep_and_note(seen, "early"));
    co_await sleep_for(milliseconds{1});
    group.cancel();
    // A child that comes too late is cancelled as well.
    group.spawn(sleep_and_note(seen, "late"));
    co_await group.join();
    seen.emplace_back("joined");
}

TEST_F(AsyncTest, CancellingAGroupIsNotAFailureAndHoldsForLateChildren) {
    run(cancel_group(io.get_executor(), seen));
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen.back(), "joined");
    EXPECT_NE(std::find(seen.begin(), seen.end(), "early cancelled"), seen.end());
}

Task<void> inner(asio::any_io_executor executor, std::vector<std::string>& seen) {
    TaskGroup group(executor);
    group.spawn(sleep_and_note(seen, "grandchild"));
    std::exception_ptr failure;
    try {
        co_await group.join();
    } catch (...) {
        failure = std::current_exception();
    }
    seen.emplace_back(is_cancellation(failure) ? "join cancelled" : "join returned");
    if (failure) std::rethrow_exception(failure);
}

Task<void> outer(asio::any_io_executor executor, std::vector<std::string>& seen) {
    TaskGroup group(executor);
    group.spawn(inner(executor, seen));
    co_await sleep_for(milliseconds{1});
    group.cancel();
    co_await group.join();
}

TEST_F(AsyncTest, ACancelledJoinCancelsItsChildrenAndWaitsForThem) {
    run(outer(io.get_executor(), seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"grandchild cancelled", "join cancelled"}));
}

// Cancelled while it waits for the pool, which does not end that wait, and only then with children.
Task<void> children_of_a_cancelled(asio::any_io_executor executor, Pool& pool, std::promise<void>& waits,
                                   std::future<void>& cancelled, std::vector<std::string>& seen) {
    co_await pool.run([&] {
        waits.set_value();
        cancelled.wait();
    });
    TaskGroup group(executor);
    group.spawn(sleep_and_note(seen, "child"));
    std::exception_ptr failure;
    try {
        co_await group.join();
    } catch (...) {
        failure = std::current_exception();
    }
    seen.emplace_back(is_cancellation(failure) ? "parent cancelled" : "parent went on");
}

Task<void> cancel_during_pool_work(asio::any_io_executor executor, std::vector<std::string>& seen) {
    Pool pool(2);
    std::promise<void> waits, cancel;
    auto waiting = waits.get_future();
    auto cancelled = cancel.get_future();
    TaskGroup group(executor);
    group.spawn(children_of_a_cancelled(executor, pool, waits, cancelled, seen));
    co_await pool.run([&] { waiting.wait(); });
    group.cancel();
    cancel.set_value();
    co_await group.join();
}

TEST_F(AsyncTest, ChildrenThatBeginAfterTheCancellationEndBeforeTheirParent) {
    run(cancel_during_pool_work(io.get_executor(), seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"child cancelled", "parent cancelled"}));
}

Task<void> wait_until(Event& event, bool& condition, std::vector<std::string>& seen) {
    while (!condition) co_await event.wait();
    seen.emplace_back("woken");
}

Task<void> wake(asio::any_io_executor executor, std::vector<std::string>& seen) {
    Event event(executor);
    bool condition = false;
    TaskGroup group(executor);
    group.spawn(wait_until(event, condition, seen));
    group.spawn(wait_until(event, condition, seen));
    co_await sleep_for(milliseconds{1});
    event.notify_all();  // the condition does not hold yet
    co_await sleep_for(milliseconds{1});
    EXPECT_TRUE(seen.empty());
    condition = true;
    event.notify_all();
    co_await group.join();
    // Without memory: what was notified before does not count.
    const bool notified = co_await event.wait_for(milliseconds{5});
    EXPECT_FALSE(notified);
}

TEST_F(AsyncTest, AnEventWakesAllWhoWaitAndNobodyLater) {
    run(wake(io.get_executor(), seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"woken", "woken"}));
}

Task<void> wait_with_limit(Event& event, bool& notified) { notified = co_await event.wait_for(forever); }

Task<void> notify_in_time(asio::any_io_executor executor) {
    Event event(executor);
    bool notified = false;
    TaskGroup group(executor);
    group.spawn(wait_with_limit(event, notified));
    co_await sleep_for(milliseconds{1});
    event.notify_all();
    co_await group.join();
    EXPECT_TRUE(notified);
}

TEST_F(AsyncTest, WaitForTellsANotificationFromATimeout) { run(notify_in_time(io.get_executor())); }

Task<void> limits(std::vector<std::string>& seen) {
    const bool ended = co_await within(forever, note(seen, "quick"));
    EXPECT_TRUE(ended);
    const bool slow_ended = co_await within(milliseconds{5}, sleep_and_note(seen, "slow"));
    EXPECT_FALSE(slow_ended);
    std::string message;
    try {
        co_await within(forever, fail("came through"));
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    seen.push_back(message);
}

TEST_F(AsyncTest, WithinEndsWhatTakesTooLongAndLetsFailuresThrough) {
    run(limits(seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"quick", "slow cancelled", "came through"}));
}

Task<void> use_pool(Pool& pool) {
    const auto here = std::this_thread::get_id();
    auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here) << "the caller goes on where it was";
    auto text = co_await pool.run([] { return std::make_unique<std::string>("moved"); });
    EXPECT_EQ(*text, "moved");
    std::string message;
    try {
        co_await pool.run([] { throw std::runtime_error("from the pool"); });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    EXPECT_EQ(message, "from the pool");
}

TEST_F(AsyncTest, APoolRunsElsewhereAndBringsValuesAndExceptionsBack) {
    Pool pool(1);
    run(use_pool(pool));
}

TEST(IsCancellation, OnlyWhatACancelledOperationThrows) {
    EXPECT_FALSE(is_cancellation(nullptr));
    EXPECT_FALSE(is_cancellation(std::make_exception_ptr(std::runtime_error("operation_aborted"))));
    EXPECT_FALSE(is_cancellation(std::make_exception_ptr(boost::system::system_error(asio::error::eof))));
    EXPECT_TRUE(is_cancellation(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted))));
}

}  // namespace
}  // namespace pgwraith
