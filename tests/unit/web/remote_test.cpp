#include "pgwraith/web/remote.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <future>
#include <thread>

#include "pgwraith/base/async.h"
#include "pgwraith/base/background.h"

namespace {

// While it stands, nobody answers for this name.
constexpr const char* silent_name = "silent.invalid";
std::promise<void>& silence() {
    static std::promise<void> kept;
    return kept;
}

}  // namespace

// Instead of the C library's.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
    static auto* const real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    static const auto broken = silence().get_future().share();
    if (name != nullptr && std::strcmp(name, silent_name) == 0) broken.wait();
    return real(name, service, hints, found);
}

namespace pgwraith::web {
namespace {

using testing::HasSubstr;

TEST(Url, HasSchemeHostAndPort) {
    const auto named = parse_url("https://db-jobs.internal:8443/");
    ASSERT_TRUE(named);
    EXPECT_TRUE(named->tls);
    EXPECT_EQ(named->text(), "https://db-jobs.internal:8443");
    EXPECT_FALSE(named->is_address());
    const auto six = parse_url("http://[::1]:8080");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->authority(), "[::1]:8080");
    EXPECT_TRUE(six->is_address());
    EXPECT_EQ(parse_url("https://db1")->port, "443");
    EXPECT_EQ(parse_url("http://[::1]")->port, "80");
}

TEST(Url, RefusesWhatIsMore) {
    for (const char* wrong : {"", "db1:8443", "ftp://db1", "https://", "https://:8443", "https://db1:", "https://db1:0",
                              "https://db1:65536", "https://db1:84a3", "https://db1:8443/pgwraith",
                              "https://me:secret@db1", "https://db1?x", "https://[::1", "https://[::1]x:1",
                              "https://[db1]:1", "https://::1:80", "https://db 1:80"}) {
        EXPECT_FALSE(parse_url(wrong)) << wrong;
    }
}

TEST(Url, KnowsTheLoopback) {
    for (const char* here : {"http://localhost:1", "http://127.0.0.1:1", "http://127.8.8.8:1", "http://[::1]:1"}) {
        EXPECT_TRUE(parse_url(here)->loopback()) << here;
    }
    for (const char* there :
         {"http://10.0.0.7:1", "http://db1:1", "http://127.0.0.1.evil.example:1", "http://[::2]:1"}) {
        EXPECT_FALSE(parse_url(there)->loopback()) << there;
    }
}

std::string refused(const std::string& url, const std::string& token, const std::string& authority = {}) {
    try {
        const RemoteClient client(Remote{*parse_url(url), token, authority});
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_FALSE(error.hint().empty());
        return error.message();
    }
}

TEST(Remote, SendsNoTokenInTheClearToOtherHosts) {
    const std::string token = "0123456789abcdef";
    EXPECT_THAT(refused("http://10.0.0.7:8080", token), HasSubstr("in the clear"));
    EXPECT_EQ(refused("http://10.0.0.7:8080", ""), "");
    EXPECT_EQ(refused("http://127.0.0.1:8080", token), "");
    EXPECT_EQ(refused("https://10.0.0.7:8080", token), "");
    EXPECT_THAT(refused("https://db1", "", "/nowhere/ca.pem"), HasSubstr("No such file"));
    EXPECT_THAT(refused("https://db1", "", __FILE__), HasSubstr("cannot be used"));
    EXPECT_THAT(refused("http://localhost:1", "", __FILE__), HasSubstr("of no use"));
}

TEST(Remote, SaysThatNobodyListens) {
    // Port 1 of the loopback is nobody's.
    const RemoteClient client(Remote{*parse_url("http://127.0.0.1:1"), ""});
    EXPECT_THROW(client.status(), control::NotRunning);
}

// Listens on the loopback, and answers everybody with these bytes; with none, never.
class Odd {
  public:
    explicit Odd(std::string bytes) : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}) {
        if (bytes.empty()) return;
        thread_ = std::thread([this, bytes] {
            asio::ip::tcp::socket socket(io_);
            acceptor_.accept(socket);
            std::array<char, 512> ignored{};
            socket.read_some(asio::buffer(ignored));
            boost::system::error_code error;
            asio::write(socket, asio::buffer(bytes), error);
        });
    }
    ~Odd() {
        if (thread_.joinable()) thread_.join();
    }
    Url url(const std::string& scheme) const {
        return *parse_url(scheme + "://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()));
    }
    // What a client says of it.
    Error failure(const std::string& scheme, const std::string& token = {}) {
        try {
            RemoteClient(Remote{url(scheme), token, {}, thread_.joinable() ? milliseconds{10'000} : milliseconds{100}})
                .pause();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorKind::internal, "no failure"};
    }

  private:
    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

TEST(Remote, SaysWhatStandsAtTheOtherEnd) {
    auto error = Odd("HTTP/1.1 400 Bad Request\r\n\r\n").failure("https");
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.message(), HasSubstr("does not speak TLS"));
    error = Odd("\x15\x03\x01\x02\x02\x16").failure("http");
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.message(), HasSubstr("does not answer in HTTP"));
    error = Odd("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno").failure("http");
    EXPECT_EQ(error.kind(), ErrorKind::stopped);
    EXPECT_THAT(error.message(), HasSubstr("502"));
    for (const char* status : {"401 Unauthorized", "403 Forbidden"}) {
        error = Odd(std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 0\r\n\r\n").failure("http");
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_THAT(error.hint(), HasSubstr("control.token"));
    }
}

TEST(Remote, GivesUpOnWhoDoesNotAnswerAndSaysWhetherItWasAsked) {
    auto error = Odd("").failure("https");
    EXPECT_EQ(error.kind(), ErrorKind::stopped);
    EXPECT_THAT(error.message(), HasSubstr("nothing came within"));
    EXPECT_THAT(error.hint(), HasSubstr("Nothing was asked for"));
    error = Odd("").failure("http");
    EXPECT_THAT(error.hint(), HasSubstr("Whether the process has heard it is not known"));
}

// What a signal makes of a command that waits.
struct GivenUp {};

void expect_given_up(const Url& url) {
    RemoteClient client(Remote{url, "", {}, std::chrono::hours{1}});
    client.while_waiting([] { throw GivenUp(); });
    EXPECT_THROW(client.pause(), GivenUp) << url.text();
}

TEST(Remote, GivesUpAtOnceIfItIsToldTo) {
    const Odd silent("");
    expect_given_up(silent.url("http"));
    expect_given_up(silent.url("https"));
}

TEST(Remote, WaitsForNoNameThatNobodyAnswersFor) {
    const auto url = *parse_url(std::string("https://") + silent_name + ":1");
    expect_given_up(url);
    try {
        RemoteClient(Remote{url, "", {}, milliseconds{50}}).pause();
        ADD_FAILURE() << "it was found";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
        EXPECT_THAT(error.message(), HasSubstr("cannot be found: nothing came within 50ms"));
    }
    silence().set_value();
    EXPECT_TRUE(finish_background(milliseconds{60'000}));
}

}  // namespace
}  // namespace pgwraith::web
