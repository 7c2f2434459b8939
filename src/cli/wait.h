// Runs one coroutine to its end on an event loop of its own, for the commands that do nothing beside it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "pgwraith/base/async.h"

namespace pgwraith::cli {

template <typename T>
T wait_for(Task<T> task) {
    asio::io_context io(1);
    std::exception_ptr failure;
    std::optional<T> result;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
        failure = error;
        if (!error) result.emplace(std::move(value));
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(result).value();
}

}  // namespace pgwraith::cli
