#include "pgwraith/control/client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

namespace pgwraith::control {

namespace http = boost::beast::http;
using nlohmann::json;

namespace {

constexpr milliseconds look_interval{50};

[[noreturn]] void throw_for(const Client::Response& response) {
    const json body = json::parse(response.body(), nullptr, false);
    std::string error = fmt::format("the process answered with status {}", response.result_int()), hint;
    if (body.is_object()) {
        error = body.value("error", error);
        hint = body.value("hint", hint);
    }
    const bool usage = response.result_int() == 400 || response.result_int() == 404;
    throw Error(usage ? ErrorKind::usage : ErrorKind::stopped, std::move(error), std::move(hint));
}

}  // namespace

void Client::wait_for(asio::io_context& io, Task<void> exchange) const {
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(io, std::move(exchange), [&](std::exception_ptr error) {
        failure = error;
        ended = true;
    });
    while (!ended) {
        io.run_for(look_interval);
        if (!ended && look_) look_();
    }
    if (failure) std::rethrow_exception(failure);
}

std::string Client::request(const std::string& method, const std::string& target, const std::string& body) const {
    Request request{http::string_to_verb(method), target, 11};
    request.keep_alive(false);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    const Response response = send(std::move(request));
    if (response.result_int() / 100 != 2) throw_for(response);
    return response.body();
}

json Client::status() const {
    json status = json::parse(request("GET", "/status", ""), nullptr, false);
    if (!status.is_object() || !status.contains("running")) {
        throw Error(ErrorKind::stopped, "the process answered with something that is not a status",
                    "is it the same version of pgwraith?");
    }
    return status;
}

std::string Client::command(const std::string& target, const std::string& body) const {
    const json reply = json::parse(request("POST", target, body), nullptr, false);
    return reply.is_object() ? reply.value("message", std::string("done")) : std::string("done");
}

std::string Client::pause() const { return command("/pause"); }
std::string Client::resume() const { return command("/resume"); }
std::string Client::verify() const { return command("/verify"); }
std::string Client::cutover(const std::string& at) const {
    return command("/cutover", at.empty() ? "" : json{{"at", at}}.dump());
}
std::string Client::postpone() const { return command("/postpone"); }
std::string Client::abort() const { return command("/abort"); }

std::string Client::set(const std::string& key, const std::string& value) const {
    return command("/set", json{{"key", key}, {"value", value}}.dump());
}

}  // namespace pgwraith::control
