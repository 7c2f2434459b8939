#include "pgwraith/control/client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "pgwraith/base/async.h"
#include "pgwraith/control/server.h"
#include "socket.h"

namespace pgwraith::control {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;
using nlohmann::json;
using Response = http::response<http::string_body>;

namespace {

Task<void> exchange(Stream& stream, std::string path, const http::request<http::string_body>& request,
                    Response& response) {
    co_await stream.async_connect(Local::endpoint(path), asio::use_awaitable);
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    co_await http::async_read(stream, buffer, response, asio::use_awaitable);
}

[[noreturn]] void throw_for(const Response& response) {
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

NotRunning::NotRunning(const std::filesystem::path& state_dir)
    : Error(ErrorKind::stopped,
            fmt::format("no process is running for this migration (nobody answers at {})",
                        socket_path(state_dir).string()),
            "`pgwraith run` starts it, or carries on where it stopped") {}

Client::Client(std::filesystem::path state_dir, milliseconds timeout)
    : state_dir_(std::move(state_dir)), timeout_(timeout) {}

std::string Client::request(const std::string& method, const std::string& target, const std::string& body) const {
    http::request<http::string_body> request{http::string_to_verb(method), target, 11};
    request.set(http::field::host, "pgwraith");
    request.keep_alive(false);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();

    const std::filesystem::path path = socket_path(state_dir_);
    const ShortPath reachable(path);
    asio::io_context io(1);
    Stream stream(io);
    stream.expires_after(timeout_);
    Response response;
    std::exception_ptr failure;
    asio::co_spawn(io, exchange(stream, reachable.text(), request, response),
                   [&failure](std::exception_ptr error) { failure = error; });
    io.run();
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        const auto code = error.code();
        if (code == boost::system::errc::no_such_file_or_directory || code == boost::system::errc::connection_refused ||
            code == boost::system::errc::not_a_directory) {
            throw NotRunning(state_dir_);
        }
        if (code == boost::system::errc::permission_denied) {
            throw Error(ErrorKind::stopped, fmt::format("{} may not be opened by this user", path.string()),
                        "use the user that the migration runs as");
        }
        throw Error(ErrorKind::stopped,
                    fmt::format("the process at {} did not answer: {}", path.string(), code.message()),
                    "it may be ending just now: ask again");
    }
    if (response.result_int() / 100 != 2) throw_for(response);
    return response.body();
}

json Client::status() const {
    json status = json::parse(request("GET", "/status", ""), nullptr, false);
    if (!status.is_object()) {
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
