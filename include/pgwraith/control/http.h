// What every way of asking over HTTP shares: limits, broken requests, the common part of an answer.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "pgwraith/base/async.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::control {

namespace http = boost::beast::http;

// A request is a few hundred bytes; whatever is larger or slower than this is broken, or means ill.
inline constexpr std::size_t max_header_bytes = 8192;
inline constexpr std::size_t max_body_bytes = 8192;
inline constexpr std::chrono::seconds request_timeout{5};

// Errors of the network are looked at, not thrown.
inline constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Sends the request, and reads the answer.
template <typename Stream>
Task<void> converse(Stream& stream, const http::request<http::string_body>& request,
                    http::response<http::string_body>& response) {
    co_await http::async_write(stream, request, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    co_await http::async_read(stream, buffer, response, asio::use_awaitable);
}

// What to answer to a request that could not be read. `hint`: to whoever speaks no HTTP. nullopt: it has hung up, is
// too slow, or we are closing.
std::optional<Reply> reply_to_broken(const boost::system::error_code& error, const std::string& hint);

// What all answers have: server, content type, not to be stored.
void set_common_headers(http::fields& headers, const std::string& content_type);
// Of HTTP/1.1, with these.
http::response<http::string_body> response_of(Reply reply, bool keep_alive);

}  // namespace pgwraith::control
