#include "connection_impl.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>

#include "pgwraith/base/background.h"

namespace pgwraith::postgres {

using Socket = asio::posix::stream_descriptor;

namespace {

std::string trimmed(const char* text) {
    std::string message = text == nullptr ? "" : text;
    while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
    return message;
}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

}  // namespace

PgError error_from(const PGresult* result, std::optional<Clock::time_point> asked) {
    auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) message = trimmed(PQresultErrorMessage(result));
    // The server does not say how long it has waited.
    if (asked && field(result, PG_DIAG_SQLSTATE) == sqlstate::lock_not_available) {
        message += " after " + format_duration(std::chrono::duration_cast<milliseconds>(Clock::now() - *asked));
    }
    return PgError(field(result, PG_DIAG_SQLSTATE), std::move(message), field(result, PG_DIAG_MESSAGE_DETAIL),
                   field(result, PG_DIAG_MESSAGE_HINT), field(result, PG_DIAG_CONSTRAINT_NAME),
                   field(result, PG_DIAG_CONTEXT));
}

Connection::Impl::Impl(asio::any_io_executor ex, PGconn* c) : connection(c), executor(ex) {
    int copy = fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        PQfinish(connection);
        throw Error(ErrorKind::stopped, "no file descriptor left for a connection to the server",
                    "Raise the limit of open files (ulimit -n) and run again.");
    }
    socket = std::make_shared<Socket>(executor, copy);
}

Connection::Impl::~Impl() { close(); }

void Connection::Impl::close() {
    if (connection == nullptr) return;
    boost::system::error_code ignored;
    socket->close(ignored);
    if (unwatched >= 0) ::close(std::exchange(unwatched, -1));
    PGconn* closing = std::exchange(connection, nullptr);
    if (busy || ending.streaming || PQtransactionStatus(closing) == PQTRANS_ACTIVE) {
        // A statement may still run on the server: merely closed it would go on to its end, holding its locks.
        in_background([closing, how = ending] { end_session(closing, how); });
    } else {
        PQfinish(closing);
    }
}

void Connection::Impl::check_open() const {
    if (connection == nullptr || broken) throw PgError("", "the connection to the server is closed");
}

void Connection::Impl::throw_lost(const std::string& doing) {
    broken = true;
    throw PgError("", "lost the connection to the server while " + doing + ": " + trimmed(PQerrorMessage(connection)));
}

void Connection::Impl::look_away() {
    if (unwatched < 0) unwatched = socket->release();
}

void Connection::Impl::look() {
    if (unwatched < 0) return;
    socket->assign(unwatched);
    unwatched = -1;
}

Task<bool> Connection::Impl::wait_readable(std::optional<milliseconds> timeout) {
    look();
    std::optional<asio::steady_timer> timer;
    if (timeout) {
        timer.emplace(executor, *timeout);
        timer->async_wait([weak = std::weak_ptr<Socket>(socket)](boost::system::error_code error) {
            auto alive = weak.lock();
            boost::system::error_code ignored;
            if (!error && alive) alive->cancel(ignored);
        });
    }
    co_await stop_if_cancelled();
    auto [error] = co_await socket->async_wait(Socket::wait_read, asio::as_tuple(asio::use_awaitable));
    co_await stop_if_cancelled();
    co_return !error;
}

Task<void> Connection::Impl::wait_writable() {
    look();
    // The server may itself be blocked until we read: either direction is progress.
    using namespace asio::experimental::awaitable_operators;
    co_await stop_if_cancelled();
    std::exception_ptr failure;
    try {
        co_await (socket->async_wait(Socket::wait_write, asio::use_awaitable) ||
                  socket->async_wait(Socket::wait_read, asio::use_awaitable));
    } catch (...) {
        failure = std::current_exception();
    }
    co_await stop_if_cancelled();  // both have failed then, which comes as an exception of another kind
    if (failure) std::rethrow_exception(failure);
}

Task<void> Connection::Impl::flush() {
    for (;;) {
        int left = PQflush(connection);
        if (left == 0) co_return;
        if (left < 0) throw_lost("sending");
        co_await wait_writable();
        if (PQconsumeInput(connection) == 0) throw_lost("sending");
    }
}

Task<void> Connection::Impl::until_result() {
    while (PQisBusy(connection) != 0) {
        co_await wait_readable();
        if (PQconsumeInput(connection) == 0) throw_lost("waiting for an answer");
    }
}

Task<PGresult*> Connection::Impl::next_result() {
    co_await until_result();
    co_return PQgetResult(connection);
}

Task<Result> Connection::Impl::collect() {
    auto results = co_await collect_all();
    co_return std::move(results.back());
}

Task<std::vector<Result>> Connection::Impl::collect_all() {
    std::optional<PgError> failure;
    std::vector<Result> results;
    for (;;) {
        PGresult* raw = co_await next_result();
        if (raw == nullptr) break;
        Result result(raw);
        auto status = PQresultStatus(raw);
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (!failure) failure = error_from(raw, asked);
            if (PQstatus(connection) == CONNECTION_BAD) broken = true;
        } else {
            results.push_back(std::move(result));
            if (results.back().is_copy()) co_return results;  // the caller goes on with the COPY protocol
        }
    }
    if (PQstatus(connection) == CONNECTION_BAD) broken = true;
    if (failure) throw *failure;
    if (results.empty()) throw_lost("waiting for an answer");
    co_return results;
}

std::shared_ptr<PGcancel> Connection::Impl::cancel_handle() const {
    if (connection == nullptr) return nullptr;
    PGcancel* handle = PQgetCancel(connection);
    if (handle == nullptr) return nullptr;
    return {handle, PQfreeCancel};
}

Operation::Operation(Connection::Impl& impl) : impl_(impl) {
    impl.check_open();
    ensure(!impl.busy, "one operation at a time on a connection");
    impl.busy = true;
    impl.asked = Clock::now();
}

Operation::~Operation() {
    // Not finished: cancelled or lost in the middle. What is still on its way would be taken for the next answer.
    if (!finished_) {
        impl_.broken = true;
        return;  // stays busy, so that close() asks the server to stop
    }
    impl_.busy = false;
}

}  // namespace pgwraith::postgres
