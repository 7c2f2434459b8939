#include "session.h"

#include <fmt/format.h>

#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/write.hpp>

#include "assets.h"
#include "event.h"
#include "pgwraith/control/http.h"

namespace pgwraith::web {

namespace http = boost::beast::http;
using control::Reply;
using control::request_timeout;
using control::view;
using Request = http::request<http::string_body>;

namespace {

constexpr std::chrono::seconds goodbye_timeout{1};
constexpr std::chrono::minutes warn_interval{1};

// The page loads nothing but from here, and stands in nobody's frame.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr const char* answer_policy = "default-src 'none'; frame-ancestors 'none'";

std::string_view path_of(const Request& request) {
    const auto target = view(request.target());
    return target.substr(0, target.find('?'));
}

void set_headers(http::fields& headers, const char* policy) {
    headers.set("Content-Security-Policy", policy);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
}

void warn_of_wrong_token(Shared& shared, const std::string& peer) {
    const auto now = Clock::now();
    if (shared.warned && now - *shared.warned < warn_interval) return;
    shared.warned = now;
    spdlog::warn("control.listen: {} asked with a token that is not the right one", peer);
}

bool for_probes(std::string_view path) { return path == "/healthz" || path == "/readyz"; }

// They are told to everybody, and the server's words may be among the reasons.
Reply without_reasons(Reply reply) {
    reply.body = control::json_text({{reply.status == 200 ? "message" : "error", reply.status == 200 ? "yes" : "no"}});
    return reply;
}

// Who may not ask, and what is only here; nullopt: the routes know.
std::optional<Reply> answer_here(Shared& shared, const Connection& connection, const Request& request) {
    const auto path = path_of(request);
    const Asset* asset = shared.page ? find_asset(path) : nullptr;
    const bool open = asset != nullptr || for_probes(path);
    const Asked asked{view(request[http::field::host]), view(request[http::field::origin]),
                      view(request["Sec-Fetch-Site"]), view(request[http::field::authorization])};
    if (auto refusal = shared.guard.refusal(asked, open)) {
        if (refusal->status == 401 && !asked.authorization.empty()) warn_of_wrong_token(shared, connection.peer);
        return refusal;
    }
    const bool events = path == "/events";
    if (asset == nullptr && !events) {
        if (path != "/") return std::nullopt;
        return control::error_reply(404, "the page is off", "control.page: true switches it on; there is GET /status");
    }
    if (request.method() != http::verb::get) {
        Reply reply = control::error_reply(405, fmt::format("{} does not take {}", path, view(request.method_string())),
                                           fmt::format("use GET {}", path));
        reply.allow = "GET";
        return reply;
    }
    if (asset != nullptr) return Reply{200, std::string(asset->body), std::string(asset->content_type)};
    if (request.version() < 11) return control::error_reply(505, "events need HTTP/1.1", "");
    if (shared.followers >= max_followers) {
        return control::error_reply(503, "too many follow the events already", "GET /status still answers");
    }
    return std::nullopt;
}

template <typename Stream>
Task<bool> send_text(Connection& connection, Stream& stream, const std::string& text) {
    connection.lowest().expires_after(answer_timeout);
    const auto [error, written] = co_await asio::async_write(stream, asio::buffer(text), tuple);
    co_return !error;
}

// One who is slower than the events misses some: there is never more than one under way.
template <typename Stream>
Task<void> follow(Shared& shared, Connection& connection, Stream& stream) {
    http::response<http::empty_body> head{http::status::ok, 11};
    control::set_common_headers(head, "text/event-stream");
    set_headers(head, answer_policy);
    head.set("X-Accel-Buffering", "no");  // nginx would collect them
    head.chunked(true);
    head.keep_alive(false);
    http::response_serializer<http::empty_body> serializer{head};
    connection.lowest().expires_after(answer_timeout);
    const auto [error, written] = co_await http::async_write_header(stream, serializer, tuple);
    if (error) co_return;

    Feed& feed = shared.feed;
    std::uint64_t seen = feed.number();
    bool reached = co_await send_text(connection, stream, chunk_text(feed.opening()));
    while (reached) {
        if (feed.number() != seen) {
            seen = feed.number();
            const auto newest = feed.newest();
            reached = co_await send_text(connection, stream, chunk_text(*newest));
        } else if (!feed.end().empty() || feed.closed()) {
            const std::string last = feed.end().empty() ? std::string() : chunk_text(feed.end());
            co_await send_text(connection, stream, last + chunk_text(""));
            break;
        } else {
            connection.lowest().expires_never();
            co_await feed.changed().wait();
        }
    }
}

struct Follower {
    explicit Follower(Shared& shared) : count(shared.followers) { ++count; }
    ~Follower() { --count; }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    int& count;
};

// One request and its answer. False when the connection is to be closed.
template <typename Stream>
Task<bool> exchange(Shared& shared, Connection& connection, Stream& stream) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(control::max_header_bytes);
    parser.body_limit(control::max_body_bytes);
    connection.lowest().expires_after(request_timeout);
    connection.waiting = true;
    const auto [error, size] = co_await http::async_read(stream, connection.buffer, parser, tuple);
    connection.waiting = false;
    const Request& request = parser.get();
    const bool keep_alive = !error && request.keep_alive();

    std::optional<Reply> reply;
    const char* policy = answer_policy;
    if (error) {
        reply = control::reply_to_broken(error, "");
        if (!reply) co_return false;
    } else {
        co_await wait_until(shared.requests.next(Clock::now()));
        reply = answer_here(shared, connection, request);
        if (!reply && path_of(request) == "/events") {
            const Follower follower(shared);
            co_await follow(shared, connection, stream);
            co_return false;
        }
        if (!reply) {
            if (path_of(request) == "/status") shared.asked = Clock::now();
            reply =
                co_await shared.routes.answer(view(request.method_string()), view(request.target()), request.body());
            if (for_probes(path_of(request))) *reply = without_reasons(std::move(*reply));
        } else if (reply->status == 200) {
            policy = page_policy;
        }
    }
    const bool unauthorized = reply->status == 401;
    auto response = control::response_of(std::move(*reply), keep_alive);
    set_headers(response, policy);
    if (unauthorized) response.set(http::field::www_authenticate, "Bearer");
    connection.lowest().expires_after(answer_timeout);
    const auto [write_error, written] = co_await http::async_write(stream, response, tuple);
    co_return keep_alive && !write_error;
}

template <typename Stream>
Task<void> converse(Shared& shared, Connection& connection, Stream& stream) {
    for (bool more = true; more && !shared.closing;) more = co_await exchange(shared, connection, stream);
}

Task<void> converse_in_secret(Shared& shared, Connection& connection) {
    connection.lowest().expires_after(request_timeout);
    const auto [error] = co_await connection.tls->async_handshake(asio::ssl::stream_base::server, tuple);
    if (error) {
        spdlog::debug("control.listen: no TLS with {}: {}", connection.peer, error.message());
        co_return;
    }
    co_await converse(shared, connection, *connection.tls);
    connection.lowest().expires_after(goodbye_timeout);
    co_await connection.tls->async_shutdown(tuple);
}

}  // namespace

Task<void> wait_until(Clock::time_point moment) {
    asio::steady_timer timer(co_await asio::this_coro::executor, moment);
    co_await timer.async_wait(tuple);
}

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> with)
    : context(std::move(with)), buffer(control::max_header_bytes + control::max_body_bytes) {
    boost::system::error_code ignored;
    const auto endpoint = socket.remote_endpoint(ignored);
    peer = endpoint.address().to_string();
    if (context) {
        tls.emplace(std::move(socket), *context);
    } else {
        plain.emplace(std::move(socket));
    }
}

Task<void> serve(std::shared_ptr<Shared> shared, std::shared_ptr<Connection> connection) {
    try {
        if (connection->tls) {
            co_await converse_in_secret(*shared, *connection);
        } else {
            co_await converse(*shared, *connection, *connection->plain);
        }
    } catch (const std::exception& error) {
        spdlog::debug("control.listen: {}", error.what());
    }
}

}  // namespace pgwraith::web
