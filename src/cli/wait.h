// Runs one coroutine to its end on an event loop of its own, for the commands that do nothing beside it. A signal that
// is remembered (interrupt.h) cancels it: then Interrupted is thrown.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "interrupt.h"
#include "pgwraith/base/async.h"

namespace pgwraith::cli {

template <typename T>
T wait_for(Task<T> task) {
    constexpr milliseconds look_interval{50};
    asio::io_context io(1);
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    std::optional<T> result;
    asio::co_spawn(io, std::move(task),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error, T value) {
                       failure = error;
                       if (!error) result.emplace(std::move(value));
                   }));
    int interrupted = 0;
    while (!io.stopped()) {
        io.run_for(look_interval);
        if (interrupted != 0) continue;
        interrupted = interruption();
        if (interrupted != 0) cancel.emit(asio::cancellation_type::terminal);
    }
    if (failure && interrupted != 0) throw Interrupted{interrupted};
    if (failure) std::rethrow_exception(failure);
    return std::move(result).value();
}

}  // namespace pgwraith::cli
