#include "pgwraith/base/async.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "pgwraith/base/error.h"

namespace pgwraith {

namespace {

// Waits on the timer whatever happens; true when it expired, false when somebody cancelled the timer.
// Throws when it was this coroutine that was cancelled.
Task<bool> wait_on(asio::steady_timer& timer) {
    co_await stop_if_cancelled();
    auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await stop_if_cancelled();
    co_return !error;
}

struct Registration {
    std::list<asio::steady_timer*>& list;
    std::list<asio::steady_timer*>::iterator place;
    Registration(std::list<asio::steady_timer*>& waiters, asio::steady_timer* timer)
        : list(waiters), place(waiters.insert(waiters.end(), timer)) {}
    ~Registration() { list.erase(place); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
};

Task<void> finish_first(Task<void> work, bool& finished, TaskGroup& group) {
    co_await std::move(work);
    finished = true;
    group.cancel();
}

// Asio would throw at whatever this coroutine awaits next once it is cancelled, be it a group's join(): then the
// group's children would go on when what they refer to is gone. Here only what suspends looks whether it is cancelled.
Task<void> not_in_between(Task<void> child) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(child);
}

Task<void> expire(milliseconds limit, TaskGroup& group) {
    co_await sleep_for(limit);
    group.cancel();
}

}  // namespace

Task<bool> within(milliseconds limit, Task<void> work) {
    TaskGroup group(co_await asio::this_coro::executor);
    bool finished = false;
    group.spawn(finish_first(std::move(work), finished, group));
    group.spawn(expire(limit, group));
    co_await group.join();
    co_return finished;
}

Task<bool> cancellation_requested() {
    auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

Task<void> stop_if_cancelled() {
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

bool is_cancellation(const std::exception_ptr& error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

Task<void> sleep_for(milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await wait_on(timer);
}

Task<void> Event::wait() {
    asio::steady_timer timer(executor_, asio::steady_timer::time_point::max());
    Registration here(waiters_, &timer);
    co_await wait_on(timer);
}

Task<bool> Event::wait_for(milliseconds timeout) {
    asio::steady_timer timer(executor_, timeout);
    Registration here(waiters_, &timer);
    co_return !co_await wait_on(timer);
}

void Event::notify_all() {
    for (auto* timer : waiters_) timer->cancel();
}

Task<void> Pool::run_function(std::function<void()> work) {
    co_await stop_if_cancelled();
    // No cancellation slot is connected, so the caller stays suspended until the work is done.
    auto initiate = [this](auto handler, std::function<void()>* function) {
        auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
        asio::post(pool_, [handler = std::move(handler), executor, function]() mutable {
            (*function)();
            asio::post(executor, std::move(handler));
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable, &work);
}

struct TaskGroup::State {
    explicit State(asio::any_io_executor ex) : executor(ex), changed(ex) {}

    asio::any_io_executor executor;
    Event changed;
    std::list<asio::cancellation_signal> signals;
    std::size_t running = 0;
    bool cancelled = false;
    std::exception_ptr failure;

    void cancel() {
        cancelled = true;
        for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
    }
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() {
    // Reached with children running only when the whole io_context is being torn down.
    state_->cancel();
}

void TaskGroup::spawn(Task<void> child) {
    auto state = state_;
    auto signal = state->signals.emplace(state->signals.end());
    ++state->running;
    auto ended = [state, signal](const std::exception_ptr& error) {
        state->signals.erase(signal);
        --state->running;
        if (error && !state->failure && !(state->cancelled && is_cancellation(error))) {
            state->failure = error;
            state->cancel();
        }
        state->changed.notify_all();
    };
    asio::co_spawn(state->executor, not_in_between(std::move(child)),
                   asio::bind_cancellation_slot(signal->slot(), ended));
    if (state->cancelled) signal->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() { state_->cancel(); }

bool TaskGroup::failed() const { return state_->failure != nullptr; }

Task<void> TaskGroup::join() {
    auto state = state_;
    bool asked_to_stop = co_await cancellation_requested();
    if (asked_to_stop) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        state->cancel();
    }
    while (state->running > 0) {
        std::exception_ptr interrupted;
        try {
            co_await state->changed.wait();
        } catch (...) {
            interrupted = std::current_exception();
        }
        if (interrupted && !asked_to_stop) {
            asked_to_stop = true;
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            state->cancel();
        }
    }
    if (state->failure) std::rethrow_exception(state->failure);
    if (asked_to_stop) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace pgwraith
