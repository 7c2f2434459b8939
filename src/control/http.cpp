#include "pgwraith/control/http.h"

#include "pgwraith/control/version.h"

namespace pgwraith::control {

std::optional<Reply> reply_to_broken(const boost::system::error_code& error, const std::string& hint) {
    if (error == http::error::body_limit) return error_reply(413, "the request's body is too large", "");
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return error_reply(431, "the request's header is too large", "");
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error.category() != http::make_error_code(http::error::bad_method).category()) {
        return std::nullopt;
    }
    return error_reply(400, "this is not an HTTP request: " + error.message(), hint);
}

void set_common_headers(http::fields& headers, const std::string& content_type) {
    headers.set(http::field::server, std::string("pgwraith/") + version);
    headers.set(http::field::content_type, content_type);
    headers.set(http::field::cache_control, "no-store");
}

http::response<http::string_body> response_of(Reply reply, bool keep_alive) {
    http::response<http::string_body> response{static_cast<http::status>(reply.status), 11};
    set_common_headers(response, reply.content_type);
    if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
    response.keep_alive(keep_alive);
    response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

}  // namespace pgwraith::control
