// One connection: requests and their answers, or the events, until it ends.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>

#include "feed.h"
#include "guard.h"
#include "pace.h"
#include "pgwraith/control/http.h"

namespace pgwraith::web {

using control::tuple;

inline constexpr int max_followers = 8;
inline constexpr std::chrono::seconds answer_timeout{10};
// The signature of a handshake takes about a millisecond of the migration's own thread, a status a tenth of that.
inline constexpr milliseconds handshake_interval{50};
inline constexpr int handshake_burst = 40;
inline constexpr milliseconds request_interval{20};
inline constexpr int request_burst = 60;

// What all connections share.
struct Shared {
    Shared(asio::any_io_executor executor, control::Routes& with, const config::Control& settings)
        : guard(settings.token), routes(with), feed(executor, routes), page(settings.page) {}

    Guard guard;
    control::Routes& routes;
    Feed feed;
    bool page;
    Pace handshakes{handshake_interval, handshake_burst};
    Pace requests{request_interval, request_burst};
    int followers = 0;
    bool closing = false;
    std::optional<Clock::time_point> asked;   // when the status was asked for last
    std::optional<Clock::time_point> warned;  // of a wrong token
};

struct Connection {
    using Plain = boost::beast::tcp_stream;
    using Tls = boost::beast::ssl_stream<boost::beast::tcp_stream>;

    // Without a context: no TLS.
    Connection(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> with);

    boost::beast::tcp_stream& lowest() { return tls ? tls->next_layer() : *plain; }

    std::string peer;
    std::shared_ptr<asio::ssl::context> context;
    std::optional<Plain> plain;
    std::optional<Tls> tls;
    boost::beast::flat_buffer buffer;
    bool waiting = true;  // for the other side: nothing is lost when it is cancelled now
};

// Returns when it is that late, or when it is cancelled.
Task<void> wait_until(Clock::time_point moment);

// Does not throw.
Task<void> serve(std::shared_ptr<Shared> shared, std::shared_ptr<Connection> connection);

}  // namespace pgwraith::web
