#include "pgwraith/control/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fstream>
#include <thread>

#include "fake_commands.h"
#include "pgwraith/control/client.h"
#include "socket.h"

namespace pgwraith::control {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class Directory {
  public:
    Directory() {
        std::string name = (fs::temp_directory_path() / "pgwraith_control_XXXXXX").string();
        ensure(::mkdtemp(name.data()) != nullptr, "a temporary directory");
        path = name;
    }
    ~Directory() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    fs::path path;
};

// A server on a thread of its own; the fake is looked at after stop() only.
class Running {
  public:
    explicit Running(const fs::path& state_dir)
        : server(std::make_unique<Server>(io.get_executor(), routes, socket_path(state_dir))) {
        asio::co_spawn(io, server->run(), asio::bind_cancellation_slot(cancel.slot(), [this](std::exception_ptr error) {
                           failed = error != nullptr;
                           ended = true;
                       }));
        thread = std::thread([this] { io.run(); });
    }
    ~Running() { stop(); }
    void stop() {
        if (!thread.joinable()) return;
        asio::post(io, [this] { server->close(); });
        thread.join();
    }

    FakeCommands commands;
    Routes routes{commands};
    asio::io_context io{1};
    asio::cancellation_signal cancel;
    std::unique_ptr<Server> server;
    std::thread thread;
    bool ended = false;
    bool failed = false;
};

TEST(Server, AnswersWishesOnceTheyAreKept) {
    const Directory directory;
    Running running(directory.path);
    const SocketClient client(directory.path);
    client.postpone();
    client.cutover("2036-12-31T23:00:00Z");
    client.pause();
    running.commands.disk_failure = "no space left";
    client.cutover();
    running.stop();
    EXPECT_EQ(running.commands.wishes_kept, 2) << "one at once is no wish for later";
}

TEST(Server, SaysThatAWishCouldNotBeKept) {
    const Directory directory;
    Running running(directory.path);
    running.commands.disk_failure = "no space left";
    const SocketClient client(directory.path);
    try {
        client.postpone();
        ADD_FAILURE() << "it was answered";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), HasSubstr("could not be recorded: no space left"));
        EXPECT_THAT(error.hint(), HasSubstr("say it again"));
    }
}

// What a signal makes of a command that waits.
struct GivenUp {};

TEST(Client, GivesUpAtOnceIfItIsToldTo) {
    const Directory directory;
    const auto silent = listen_at(socket_path(directory.path));
    SocketClient client(directory.path, std::chrono::hours{1});
    client.while_waiting([] { throw GivenUp(); });
    EXPECT_THROW(client.pause(), GivenUp);
}

// A connection over which `bytes` have been sent.
Descriptor sent(const fs::path& state_dir, const std::string& bytes) {
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket_path(state_dir).string();
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    return fd;
}

// What comes back until the server closes the connection.
std::string received(const Descriptor& fd) {
    std::string answer;
    char buffer[4096];
    pollfd wait{fd.get(), POLLIN, 0};
    while (::poll(&wait, 1, 20'000) == 1) {
        const ssize_t size = ::recv(fd.get(), buffer, sizeof buffer, 0);
        if (size <= 0) return answer;
        answer.append(buffer, static_cast<std::size_t>(size));
    }
    ADD_FAILURE() << "the server did not close the connection";
    return answer;
}

std::string raw(const fs::path& state_dir, const std::string& bytes, bool finish) {
    const Descriptor fd = sent(state_dir, bytes);
    if (finish) ::shutdown(fd.get(), SHUT_WR);
    return received(fd);
}

TEST(Server, ClientAndServerTalk) {
    const Directory directory;
    Running running(directory.path);
    const SocketClient client(directory.path);
    const json status = client.status();
    EXPECT_EQ(status["phase"], "copy");
    EXPECT_EQ(status["percent"], 42.3);
    EXPECT_EQ(status["pid"], ::getpid());
    EXPECT_THAT(client.pause(), HasSubstr("paused"));
    EXPECT_EQ(client.cutover(), "swapping now");
    // In phase copy it is refused: 409, and the sentence arrives.
    try {
        client.verify();
        ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
        EXPECT_EQ(error.message(), "in phase copy");
    }
    asio::post(running.io, [&] { running.commands.state.phase = migration::Phase::ready; });
    EXPECT_EQ(client.verify(), "verifying again");
    EXPECT_THAT(client.set("copy.workers", "4"), HasSubstr("copy.workers is now 4"));
    EXPECT_THAT(client.abort(), HasSubstr("aborting"));
    EXPECT_THAT(client.request("GET", "/metrics", ""), HasSubstr("# TYPE pgwraith_phase gauge"));
    running.stop();
    EXPECT_TRUE(running.ended);
    EXPECT_FALSE(running.failed);
    EXPECT_TRUE(running.commands.paused);
    EXPECT_TRUE(running.commands.aborted);
    EXPECT_TRUE(running.commands.verify_requested);
    EXPECT_EQ(running.commands.workers, "4");
}

TEST(Server, WhatTheMigrationRefusesArrivesAsAnError) {
    const Directory directory;
    Running running(directory.path);
    const SocketClient client(directory.path);
    try {
        client.set("nonsense", "1");
        FAIL() << "must throw";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_EQ(error.message(), "no setting nonsense");
        EXPECT_EQ(error.hint(), "there is copy.workers");
    }
}

TEST(Server, SocketIsPrivateAndGoneAfterwards) {
    const Directory directory;
    const fs::path state = directory.path / "state";
    {
        Running running(state);
        struct stat found {};
        ASSERT_EQ(::stat(socket_path(state).c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777, 0600u);
    }
    EXPECT_FALSE(fs::exists(state)) << "an empty directory that the server made goes too";
}

TEST(Server, KeepsADirectoryThatHoldsSomething) {
    const Directory directory;
    const fs::path state = directory.path / "state";
    {
        Running running(state);
        std::ofstream(state / "CURRENT") << "x";
    }
    EXPECT_TRUE(fs::exists(state / "CURRENT"));
    EXPECT_FALSE(fs::exists(socket_path(state)));
}

TEST(Server, ReplacesADeadProcessSocketButNotALivingOne) {
    const Directory directory;
    { const Listener dead = listen_at(socket_path(directory.path)); }
    ASSERT_TRUE(fs::exists(socket_path(directory.path)));
    EXPECT_THROW(SocketClient(directory.path).status(), NotRunning);
    Running running(directory.path);
    EXPECT_EQ(SocketClient(directory.path).status()["phase"], "copy");
    asio::io_context io;
    FakeCommands commands;
    Routes routes{commands};
    try {
        Server second(io.get_executor(), routes, socket_path(directory.path));
        FAIL() << "must throw";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
    }
    EXPECT_EQ(SocketClient(directory.path).status()["phase"], "copy") << "the first one's socket must survive";
}

TEST(Server, DoesNotRemoveAFileThatIsNoSocket) {
    const Directory directory;
    std::ofstream(socket_path(directory.path)) << "precious";
    asio::io_context io;
    FakeCommands commands;
    Routes routes{commands};
    EXPECT_THROW(Server(io.get_executor(), routes, socket_path(directory.path)), Error);
    EXPECT_EQ(fs::file_size(socket_path(directory.path)), 8u);
}

TEST(Server, WorksUnderAPathLongerThanAnAddress) {
    const Directory directory;
    const fs::path state = directory.path / std::string(100, 'a') / std::string(100, 'b');
    {
        Running running(state);
        EXPECT_EQ(SocketClient(state).status()["phase"], "copy");
        EXPECT_TRUE(fs::is_socket(socket_path(state)));
    }
    EXPECT_FALSE(fs::exists(socket_path(state)));
    EXPECT_THROW(SocketClient(state).status(), NotRunning);
}

TEST(Server, AnswersMalformedRequestsAndGoesOn) {
    const Directory directory;
    Running running(directory.path);
    EXPECT_THAT(raw(directory.path, "nonsense\r\n\r\n", false), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(raw(directory.path, std::string(200, '\0'), false), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(raw(directory.path, "GET /status HTTP/1.1\r\nX: " + std::string(12'000, 'x') + "\r\n\r\n", false),
                StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(raw(directory.path, "POST /set HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", false),
                StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(raw(directory.path, "POST /set HTTP/1.0\r\nContent-Length: 1\r\n\r\n{", false),
                StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(raw(directory.path, "DELETE /status HTTP/1.0\r\n\r\n", false), HasSubstr("Allow: GET"));
    EXPECT_EQ(raw(directory.path, "GET /sta", true), "");
    EXPECT_EQ(raw(directory.path, "", true), "");
    EXPECT_EQ(SocketClient(directory.path).status()["phase"], "copy");
}

TEST(Server, TwoRequestsOnOneConnection) {
    const Directory directory;
    Running running(directory.path);
    const std::string answer = raw(directory.path,
                                   "GET /status HTTP/1.1\r\nHost: x\r\n\r\n"
                                   "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                                   false);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 404"));
}

TEST(Server, AClientThatSaysNothingDelaysNobody) {
    const Directory directory;
    Running running(directory.path);
    const Descriptor silent = sent(directory.path, "GET /st");
    EXPECT_EQ(SocketClient(directory.path).status()["phase"], "copy");
    running.stop();  // does not wait for it to time out either
    EXPECT_TRUE(running.ended);
    EXPECT_EQ(received(silent), "");
}

TEST(Server, ACancellationEndsItQuietly) {
    const Directory directory;
    Running running(directory.path);
    EXPECT_EQ(SocketClient(directory.path).status()["phase"], "copy");
    asio::post(running.io, [&] { running.cancel.emit(asio::cancellation_type::terminal); });
    running.thread.join();
    EXPECT_TRUE(running.ended);
    EXPECT_FALSE(running.failed);
    EXPECT_FALSE(fs::exists(socket_path(directory.path)));
}

TEST(Client, SaysThatNothingRuns) {
    const Directory directory;
    try {
        SocketClient(directory.path).pause();
        FAIL() << "must throw";
    } catch (const NotRunning& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
        EXPECT_THAT(error.message(), HasSubstr("no process is running for this migration"));
    }
    EXPECT_THROW(SocketClient(directory.path / "absent").status(), NotRunning);
}

TEST(Client, GivesUpOnAProcessThatDoesNotAnswer) {
    const Directory directory;
    const Listener stuck = listen_at(socket_path(directory.path));
    try {
        SocketClient(directory.path, milliseconds{100}).status();
        FAIL() << "must throw";
    } catch (const NotRunning&) {
        FAIL() << "it is running, only silent";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::stopped);
        EXPECT_THAT(error.message(), HasSubstr("did not answer"));
    }
}

}  // namespace
}  // namespace pgwraith::control
