#include "pgwraith/control/server.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/control/http.h"
#include "pgwraith/store/state_dir.h"
#include "socket.h"

namespace pgwraith::control {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;

namespace {

constexpr std::size_t max_connections = 16;

struct Connection {
    explicit Connection(Local::socket socket) : stream(std::move(socket)), buffer(max_header_bytes + max_body_bytes) {}

    Stream stream;
    beast::flat_buffer buffer;
    bool reading = false;  // nothing is lost when it is cancelled now
};

}  // namespace

struct Server::State {
    State(asio::any_io_executor executor, Routes& with) : acceptor(executor), routes(with), changed(executor) {}

    Local::acceptor acceptor;
    Routes& routes;
    std::set<std::shared_ptr<Connection>> connections;
    Event changed;
    bool closing = false;
    std::optional<Clock::time_point> asked;  // when the last request came
    std::filesystem::path path;
    Listener file;

    void close();
    static Task<void> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);
};

namespace {

// One request and its answer. False when the connection is to be closed.
Task<bool> exchange(Routes& routes, Connection& connection) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header_bytes);
    parser.body_limit(max_body_bytes);
    connection.stream.expires_after(request_timeout);
    connection.reading = true;
    const auto [error, size] = co_await http::async_read(connection.stream, connection.buffer, parser, tuple);
    connection.reading = false;

    const auto& request = parser.get();
    const bool keep_alive = !error && request.keep_alive();
    std::optional<Reply> reply;
    if (error) {
        reply = reply_to_broken(error, "try: curl --unix-socket control.sock http://pgwraith/status");
        if (!reply) co_return false;
    } else {
        reply = co_await routes.answer(view(request.method_string()), view(request.target()), request.body());
    }
    const auto response = response_of(std::move(*reply), keep_alive);
    connection.stream.expires_after(request_timeout);
    const auto [write_error, written] = co_await http::async_write(connection.stream, response, tuple);
    co_return keep_alive && !write_error;
}

}  // namespace

void Server::State::close() {
    if (closing) return;
    closing = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    for (const auto& connection : connections) {
        if (connection->reading) connection->stream.cancel();
    }
    remove_if_ours(path, file);
    store::remove_state_directory(path.parent_path());
    changed.notify_all();
}

Task<void> Server::State::serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
    try {
        for (bool more = true; more && !state->closing;) {
            more = co_await exchange(state->routes, *connection);
            state->asked = Clock::now();
        }
    } catch (const std::exception& error) {
        spdlog::debug("control socket: {}", error.what());
    }
    state->connections.erase(connection);
    state->changed.notify_all();
}

std::filesystem::path socket_path(const std::filesystem::path& state_dir) { return state_dir / "control.sock"; }

Server::Server(asio::any_io_executor executor, Routes& routes, std::filesystem::path path)
    : state_(std::make_shared<State>(executor, routes)) {
    state_->path = std::move(path);
    store::make_state_directory(state_->path.parent_path());
    state_->file = listen_at(state_->path);
    state_->acceptor.assign(Local(), state_->file.socket.release());
}

Server::~Server() { state_->close(); }

void Server::close() { state_->close(); }

bool Server::asked_within(milliseconds period) const {
    return state_->asked && Clock::now() - *state_->asked <= period;
}

Task<void> Server::run() {
    const auto state = state_;  // outlives this object if that goes first
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!state->closing) {
        auto [error, socket] = co_await state->acceptor.async_accept(tuple);
        if (error == asio::error::operation_aborted || state->closing) break;
        if (error) {
            // Out of descriptors, mostly: wait instead of spinning.
            spdlog::warn("control socket: {}", error.message());
            asio::steady_timer timer(executor, milliseconds{200});
            co_await timer.async_wait(tuple);
            continue;
        }
        if (state->connections.size() >= max_connections) continue;  // closes it
        auto connection = std::make_shared<Connection>(std::move(socket));
        state->connections.insert(connection);
        asio::co_spawn(executor, State::serve(state, std::move(connection)), asio::detached);
    }
    state->close();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (!state->connections.empty()) co_await state->changed.wait();
}

}  // namespace pgwraith::control
