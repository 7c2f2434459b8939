#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include "pgwraith/base/async.h"
#include "pgwraith/control/client.h"
#include "pgwraith/control/http.h"
#include "pgwraith/control/server.h"
#include "socket.h"

namespace pgwraith::control {

namespace beast = boost::beast;
using Unix = asio::local::stream_protocol;
using UnixStream = beast::basic_stream<Unix>;

namespace {

Task<void> ask_over_socket(std::string path, milliseconds timeout, const Client::Request& request,
                           Client::Response& response) {
    const auto executor = co_await asio::this_coro::executor;
    UnixStream stream(executor);
    stream.expires_after(timeout);
    co_await stream.async_connect(Unix::endpoint(path), asio::use_awaitable);
    co_await converse(stream, request, response);
}

// " (uid 10001)": of the state directory, as far as that may be seen.
std::string owner_of(const std::filesystem::path& socket) {
    struct stat found {};
    if (::stat(socket.parent_path().c_str(), &found) != 0) return "";
    return fmt::format(" (uid {})", found.st_uid);
}

[[noreturn]] void no_answer(const std::filesystem::path& path, const boost::system::error_code& code) {
    if (code == boost::system::errc::no_such_file_or_directory || code == boost::system::errc::connection_refused ||
        code == boost::system::errc::not_a_directory) {
        throw NotRunning(fmt::format("no process is running for this migration (nobody answers at {})", path.string()),
                         "`pgwraith run` starts it, or carries on where it stopped");
    }
    if (code == boost::system::errc::permission_denied) {
        throw Error(
            ErrorKind::stopped,
            fmt::format("the control socket {} may not be opened by this user (uid {})", path.string(), ::geteuid()),
            fmt::format("Ask as the user that the migration runs as{}, or as root.", owner_of(path)));
    }
    throw Error(ErrorKind::stopped, fmt::format("the process at {} did not answer: {}", path.string(), code.message()),
                "it may be ending just now: ask again");
}

}  // namespace

SocketClient::SocketClient(std::filesystem::path state_dir, milliseconds timeout)
    : state_dir_(std::move(state_dir)), timeout_(timeout) {}

Client::Response SocketClient::send(Request request) const {
    request.set(http::field::host, "pgwraith");
    const std::filesystem::path path = socket_path(state_dir_);
    const ShortPath reachable(path);
    Response response;
    asio::io_context io(1);
    try {
        wait_for(io, ask_over_socket(reachable.text(), timeout_, request, response));
    } catch (const boost::system::system_error& error) {
        no_answer(path, error.code());
    }
    return response;
}

}  // namespace pgwraith::control
