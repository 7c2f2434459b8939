#include "pgwraith/web/remote.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cerrno>
#include <cstdio>
#include <future>

#include "pgwraith/base/async.h"
#include "pgwraith/base/background.h"
#include "pgwraith/control/http.h"

namespace pgwraith::web {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using control::Client;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

namespace {

// How far a request has come.
enum class Stage { resolving, connecting, shaking_hands, talking };

struct Exchange {
    const Remote& remote;
    const Client::Request& request;
    Client::Response response{};
    Stage stage = Stage::resolving;
    long verdict = X509_V_OK;  // of the other side's certificate
};

std::unique_ptr<ssl::context> context_for(const Remote& remote) {
    auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(ssl::verify_peer);
    boost::system::error_code error;
    if (remote.authority.empty()) {
        context->set_default_verify_paths(error);
        if (!error) return context;
        throw Error(ErrorKind::usage, fmt::format("the system's certificates cannot be read: {}", error.message()),
                    "--ca FILE names the authority that has signed the process's certificate (PEM).");
    }
    std::string why;
    // OpenSSL says less of a file that is not there.
    if (std::FILE* const opened = std::fopen(remote.authority.c_str(), "re")) {
        std::fclose(opened);
        context->load_verify_file(remote.authority.string(), error);
        if (!error) return context;
        why = error.message();
    } else {
        why = std::generic_category().message(errno);
    }
    throw Error(ErrorKind::usage, fmt::format("--ca: {} cannot be used: {}", remote.authority.string(), why),
                "It must be a file in PEM format with the certificate of the authority that has signed the process's.");
}

// The certificate must be for this host.
void expect_host(SSL* session, const Url& url) {
    if (url.is_address()) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), url.host.c_str());
    } else {
        SSL_set_tlsext_host_name(session, url.host.c_str());
        SSL_set1_host(session, url.host.c_str());
    }
}

struct Found {
    tcp::resolver::results_type places;
    boost::system::error_code error;
};

Found find_blocking(const std::string& host, const std::string& port) {
    Found found;
    asio::io_context io(1);
    found.places = tcp::resolver(io).resolve(host, port, found.error);
    return found;
}

// Nothing can interrupt who looks up a name, however long nobody answers: the thread is left to itself then.
Task<tcp::resolver::results_type> find(Url url, Clock::time_point until) {
    constexpr milliseconds look_again{5};
    const auto promised = std::make_shared<std::promise<Found>>();
    auto answer = promised->get_future();
    in_background([promised, url] { promised->set_value(find_blocking(url.host, url.port)); });
    while (answer.wait_for(milliseconds{0}) != std::future_status::ready) {
        if (Clock::now() >= until) throw boost::system::system_error(beast::error::timeout);
        co_await sleep_for(look_again);
    }
    const auto found = answer.get();
    if (found.error) throw boost::system::system_error(found.error);
    co_return found.places;
}

Task<void> connect(Exchange& exchange, beast::tcp_stream& stream) {
    const auto until = Clock::now() + exchange.remote.timeout;
    const auto places = co_await find(exchange.remote.url, until);
    exchange.stage = Stage::connecting;
    stream.expires_at(until);
    co_await stream.async_connect(places, asio::use_awaitable);
}

Task<void> ask_in_secret(Exchange& exchange, ssl::context& context) {
    const auto executor = co_await asio::this_coro::executor;
    TlsStream stream(executor, context);
    co_await connect(exchange, beast::get_lowest_layer(stream));
    exchange.stage = Stage::shaking_hands;
    expect_host(stream.native_handle(), exchange.remote.url);
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, control::tuple);
    exchange.verdict = SSL_get_verify_result(stream.native_handle());
    if (error) throw boost::system::system_error(error);
    exchange.stage = Stage::talking;
    co_await control::converse(stream, exchange.request, exchange.response);
}

Task<void> ask_in_clear(Exchange& exchange) {
    const auto executor = co_await asio::this_coro::executor;
    beast::tcp_stream stream(executor);
    co_await connect(exchange, stream);
    exchange.stage = Stage::talking;
    co_await control::converse(stream, exchange.request, exchange.response);
}

bool is_host_mismatch(long verdict) {
    return verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

[[noreturn]] void not_trusted(const Exchange& exchange) {
    const auto url = exchange.remote.url.text();
    if (is_host_mismatch(exchange.verdict)) {
        throw Error(ErrorKind::usage, fmt::format("the certificate of {} is not for {}", url, exchange.remote.url.host),
                    "Nothing was sent. --url must have a name, or an address, that stands in the certificate.");
    }
    throw Error(
        ErrorKind::usage,
        fmt::format("the certificate of {} is not trusted: {}", url, X509_verify_cert_error_string(exchange.verdict)),
        exchange.remote.authority.empty()
            ? "Nothing was sent. --ca FILE names the authority that has signed it (PEM)."
            : "Nothing was sent. It must be signed by the authority that --ca names, and be valid today.");
}

// What was asked for may have been done all the same.
constexpr const char* asked_already =
    "Whether the process has heard it is not known: `pgwraith status` shows that, and to ask again does no harm.";

[[noreturn]] void lost(const Exchange& exchange, const boost::system::error_code& code) {
    const auto url = exchange.remote.url.text();
    const bool tls = exchange.remote.url.tls;
    const bool sent = exchange.stage == Stage::talking;
    const auto why = code == beast::error::timeout
                         ? fmt::format("nothing came within {}", format_duration(exchange.remote.timeout))
                         : code.message();
    if (exchange.stage == Stage::resolving) {
        throw Error(ErrorKind::stopped, fmt::format("{} cannot be found: {}", url, why),
                    "Nothing was asked for. Check the name, and who answers for names on this host.");
    }
    if (exchange.verdict != X509_V_OK) not_trusted(exchange);
    if (code == asio::error::connection_refused) {
        throw control::NotRunning(
            fmt::format("nobody listens at {}", url),
            "No process runs there, or `control.listen` of it says another port. Where the state directory is, "
            "`pgwraith status FILE` says in what state the migration is.");
    }
    if (exchange.stage == Stage::shaking_hands && code.category() == asio::error::get_ssl_category()) {
        throw Error(ErrorKind::usage, fmt::format("{} does not speak TLS: {}", url, code.message()),
                    "Nothing was sent. If the process has no tls_certificate, the URL begins with http://.");
    }
    const bool no_http = code.category() == http::make_error_code(http::error::bad_method).category();
    if (no_http && !tls) {
        throw Error(ErrorKind::usage, fmt::format("{} does not answer in HTTP: {}", url, code.message()),
                    "Nothing was done. If the process has a tls_certificate, the URL begins with https://.");
    }
    throw Error(ErrorKind::stopped, fmt::format("{} did not answer: {}", url, why),
                sent ? asked_already
                     : "Nothing was asked for. The process may be ending, have too many connections, or be out of "
                       "reach: ask again.");
}

// Status 401 and 403 are about what the command line says.
void check_admitted(const Remote& remote, const Client::Response& response) {
    const auto url = remote.url.text();
    if (response.result() == http::status::unauthorized) {
        throw Error(ErrorKind::usage,
                    remote.token.empty() ? fmt::format("{} asks for a token", url)
                                         : fmt::format("the token is not the one of {}", url),
                    "Nothing was done. --token-file FILE, or PGWRAITH_TOKEN in the environment, gives the token that "
                    "`control.token` of that process has.");
    }
    if (response.result() == http::status::forbidden) {
        throw Error(ErrorKind::usage, fmt::format("{} does not answer to that name", url),
                    "Nothing was done. Without `control.token` only localhost and plain addresses are answered.");
    }
}

}  // namespace

RemoteClient::RemoteClient(Remote remote) : remote_(std::move(remote)) {
    if (remote_.url.tls) {
        context_ = context_for(remote_);
        return;
    }
    if (!remote_.authority.empty()) {
        throw Error(ErrorKind::usage, fmt::format("--ca is of no use with {}", remote_.url.text()),
                    "With TLS the URL begins with https://.");
    }
    if (remote_.token.empty() || remote_.url.loopback()) return;
    throw Error(ErrorKind::usage, fmt::format("the token would travel in the clear to {}", remote_.url.text()),
                "Use https://, or reach the port through a tunnel that ends at http://127.0.0.1. Nothing was sent.");
}

RemoteClient::~RemoteClient() = default;

Client::Response RemoteClient::send(Request request) const {
    request.set(http::field::host, remote_.url.authority());
    if (!remote_.token.empty()) request.set(http::field::authorization, "Bearer " + remote_.token);
    Exchange exchange{remote_, request};
    asio::io_context io(1);
    try {
        wait_for(io, context_ ? ask_in_secret(exchange, *context_) : ask_in_clear(exchange));
    } catch (const boost::system::system_error& error) {
        lost(exchange, error.code());
    }
    check_admitted(remote_, exchange.response);
    return std::move(exchange.response);
}

}  // namespace pgwraith::web
