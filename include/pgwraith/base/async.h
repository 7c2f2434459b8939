// The few helpers that Boost.Asio 1.81 lacks. Everything runs on one io_context thread; blocking work goes to
// a Pool and comes back. Nothing here may be touched from another thread unless it says so.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "pgwraith/base/units.h"

namespace pgwraith {

namespace asio = boost::asio;

template <typename T = void>
using Task = asio::awaitable<T>;

// Suspends for `duration`; throws boost::system::system_error(operation_aborted) when cancelled.
Task<void> sleep_for(milliseconds duration);

// A signal for coroutines of one thread, without memory: wait() suspends until the next notify_all().
// Always check your condition in a loop around wait().
class Event {
  public:
    explicit Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    Task<void> wait();
    // Returns false when `timeout` passed without a notification.
    Task<bool> wait_for(milliseconds timeout);
    void notify_all();

  private:
    asio::any_io_executor executor_;
    std::list<asio::steady_timer*> waiters_;
};

// Threads for blocking work (RocksDB syncs). The destructor waits for the work that runs.
class Pool {
  public:
    explicit Pool(std::size_t threads) : pool_(threads) {}

    // Runs `work` on a pool thread and resumes the caller on its own executor; exceptions come along.
    // Not cancellable: `work` is awaited to its end, so it may refer to the caller's locals.
    template <typename Work>
    auto run(Work work) -> Task<std::invoke_result_t<Work>>;

  private:
    Task<void> run_function(std::function<void()> work);
    asio::thread_pool pool_;
};

// Children that run side by side on the caller's executor. The first failure cancels the others;
// join() waits until all have ended and rethrows that first failure.
// When the joining coroutine is itself cancelled, join() cancels the children, waits for them, then throws.
// A group must be joined before it is destroyed.
class TaskGroup {
  public:
    explicit TaskGroup(asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<void> child);
    void cancel();
    Task<void> join();
    bool failed() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

// Runs `work` for at most `limit`, then cancels it and returns false. An exception of `work` reaches the caller.
Task<bool> within(milliseconds limit, Task<void> work);

// True when this coroutine has been asked to stop: the next suspension point would throw.
Task<bool> cancellation_requested();

// Throws when this coroutine has been asked to stop. To be called before and after any operation of Asio's own: in a
// TaskGroup's child nothing else looks.
Task<void> stop_if_cancelled();

// True when `error` is what a cancelled Asio operation throws.
bool is_cancellation(const std::exception_ptr& error);

}  // namespace pgwraith

#include "pgwraith/base/detail/pool_run.h"
