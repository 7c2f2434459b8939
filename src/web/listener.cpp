#include "pgwraith/web/listener.h"

#include <fmt/format.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "pgwraith/base/error.h"
#include "session.h"
#include "tls.h"

namespace pgwraith::web {

using asio::ip::tcp;

namespace {

constexpr std::size_t max_connections = 32;

[[noreturn]] void cannot_listen(const config::Address& address, const boost::system::error_code& error) {
    const std::string what =
        fmt::format("control.listen: {} cannot be listened at: {}", address.text(), error.message());
    if (error == asio::error::address_in_use) {
        throw Error(ErrorKind::stopped, what,
                    "Another process has this port, perhaps another migration's: give each its own, or port 0.");
    }
    throw Error(ErrorKind::usage, what,
                "The address must be one of this host's, the port one that this user may take.");
}

tcp::acceptor listen_at(asio::any_io_executor executor, const config::Address& address) {
    tcp::acceptor acceptor(executor);
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address.host, error);
    if (error) cannot_listen(address, error);
    const tcp::endpoint endpoint(ip, address.port);
    acceptor.open(endpoint.protocol(), error);
    if (error) cannot_listen(address, error);
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor.bind(endpoint, error);
    if (error) cannot_listen(address, error);
    acceptor.listen(static_cast<int>(max_connections), error);
    if (error) cannot_listen(address, error);
    return acceptor;
}

}  // namespace

struct Listener::State {
    State(asio::any_io_executor executor, control::Routes& routes, const config::Control& settings)
        : shared(std::make_shared<Shared>(executor, routes, settings)),
          acceptor(listen_at(executor, settings.listen)),
          address{settings.listen.host, acceptor.local_endpoint().port()},
          changed(executor) {
        if (!settings.tls_certificate.empty()) certificate.emplace(settings.tls_certificate, settings.tls_key);
    }

    std::shared_ptr<Shared> shared;
    tcp::acceptor acceptor;
    config::Address address;
    std::optional<Certificate> certificate;
    std::set<std::shared_ptr<Connection>> connections;
    Event changed;

    void close();
    static void admit(const std::shared_ptr<State>& state, tcp::socket socket);
    static Task<void> attend(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);
    static Task<void> feed(std::shared_ptr<State> state);
};

void Listener::State::close() {
    if (shared->closing) return;
    shared->closing = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    shared->feed.close();
    for (const auto& connection : connections) {
        if (connection->waiting) connection->lowest().cancel();
    }
}

Task<void> Listener::State::attend(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
    co_await serve(state->shared, connection);
    state->connections.erase(connection);
    state->changed.notify_all();
}

Task<void> Listener::State::feed(std::shared_ptr<State> state) { co_await state->shared->feed.run(); }

void Listener::State::admit(const std::shared_ptr<State>& state, tcp::socket socket) {
    if (state->connections.size() >= max_connections) return;  // closes it
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto context = state->certificate ? state->certificate->context() : nullptr;
    auto connection = std::make_shared<Connection>(std::move(socket), std::move(context));
    state->connections.insert(connection);
    asio::co_spawn(state->acceptor.get_executor(), attend(state, std::move(connection)), asio::detached);
}

Listener::Listener(asio::any_io_executor executor, control::Routes& routes, const config::Control& settings)
    : state_(std::make_shared<State>(executor, routes, settings)) {}

Listener::~Listener() { state_->close(); }

std::string Listener::url() const {
    return fmt::format("{}://{}", state_->certificate ? "https" : "http", state_->address.text());
}

void Listener::close() { state_->close(); }

void Listener::say_end() { state_->shared->feed.say_end(); }

bool Listener::asked_within(milliseconds period) const {
    const auto& asked = state_->shared->asked;
    return asked && Clock::now() - *asked <= period;
}

Task<void> Listener::run() {
    const auto state = state_;  // outlives this object if that goes first
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::co_spawn(executor, State::feed(state), asio::detached);
    while (!state->shared->closing) {
        auto [error, socket] = co_await state->acceptor.async_accept(tuple);
        if (error == asio::error::operation_aborted || state->shared->closing) break;
        if (error) {
            // Out of descriptors, mostly: wait instead of spinning.
            spdlog::warn("control.listen: {}", error.message());
            co_await wait_until(Clock::now() + milliseconds{200});
            continue;
        }
        // The next ones wait in the kernel's queue.
        co_await wait_until(state->shared->handshakes.next(Clock::now()));
        if (!state->shared->closing) State::admit(state, std::move(socket));
    }
    state->close();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (!state->connections.empty()) co_await state->changed.wait();
}

}  // namespace pgwraith::web
