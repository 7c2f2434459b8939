#include "pgwraith/control/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/control/routes.h"
#include "pgwraith/control/version.h"
#include "pgwraith/store/state_dir.h"
#include "socket.h"

namespace pgwraith::control {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;

namespace {

// A request is a few hundred bytes; whatever is larger or slower than this is broken.
constexpr std::size_t max_header_bytes = 8192;
constexpr std::size_t max_body_bytes = 8192;
constexpr std::size_t max_connections = 16;
constexpr std::chrono::seconds request_timeout{5};
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

struct Connection {
    explicit Connection(Local::socket socket) : stream(std::move(socket)), buffer(max_header_bytes + max_body_bytes) {}

    Stream stream;
    beast::flat_buffer buffer;
    bool reading = false;  // nothing is lost when it is cancelled now
};

}  // namespace

struct Server::State {
    State(asio::any_io_executor executor, migration::Commands& commands)
        : acceptor(executor), routes(commands), changed(executor) {}

    Local::acceptor acceptor;
    Routes routes;
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

Reply reply_to_broken(const boost::system::error_code& error) {
    if (error == http::error::body_limit) return error_reply(413, "the request's body is too large", "");
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return error_reply(431, "the request's header is too large", "");
    }
    return error_reply(400, "this is not an HTTP request: " + error.message(),
                       "try: curl --unix-socket control.sock http://pgwraith/status");
}

http::response<http::string_body> response_of(Reply reply, unsigned http_version, bool keep_alive) {
    http::response<http::string_body> response{static_cast<http::status>(reply.status), http_version};
    response.set(http::field::server, std::string("pgwraith/") + version);
    response.set(http::field::content_type, reply.content_type);
    response.set(http::field::cache_control, "no-store");
    if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
    response.keep_alive(keep_alive);
    response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

// One request and its answer. False when the connection is to be closed.
Task<bool> exchange(Routes& routes, Connection& connection) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header_bytes);
    parser.body_limit(max_body_bytes);
    connection.stream.expires_after(request_timeout);
    connection.reading = true;
    const auto [error, size] = co_await http::async_read(connection.stream, connection.buffer, parser, tuple);
    connection.reading = false;

    Reply reply;
    bool keep_alive = false;
    if (!error) {
        const auto& request = parser.get();
        keep_alive = request.keep_alive();
        reply = routes.handle({request.method_string().data(), request.method_string().size()},
                              {request.target().data(), request.target().size()}, request.body());
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
        reply = reply_to_broken(error);
    } else {
        co_return false;  // gone, too slow, or we are closing
    }
    const auto response = response_of(std::move(reply), 11, keep_alive);
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

Server::Server(asio::any_io_executor executor, migration::Commands& commands, std::filesystem::path path)
    : state_(std::make_shared<State>(executor, commands)) {
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
