// A server that refuses connections in a language that is not understood here.
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/endian/conversion.hpp>
#include <list>
#include <thread>

#include "conninfo.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {
namespace {

using boost::asio::ip::tcp;

std::string error_response(const std::string& state) {
    std::string fields;
    for (const std::string& field : {std::string("SFATAL"), std::string("VFATAL"), "C" + state,
                                     std::string("Mtut mir leid, schon zu viele Verbindungen")}) {
        fields += field + '\0';
    }
    fields += '\0';
    std::array<unsigned char, 4> length{};
    boost::endian::store_big_u32(length.data(), static_cast<std::uint32_t>(fields.size() + 4));
    return "E" + std::string(length.begin(), length.end()) + fields;
}

// Answers every startup message with that.
class Refusing {
  public:
    explicit Refusing(const std::string& state) : answer_(error_response(state)), acceptor_(io_, {tcp::v4(), 0}) {
        thread_ = std::thread([this] { serve(); });
    }
    ~Refusing() {
        ending_ = true;
        boost::system::error_code ignored;
        tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    std::string conninfo() const {
        return "host=127.0.0.1 user=u sslmode=disable gssencmode=disable port=" +
               std::to_string(acceptor_.local_endpoint().port());
    }

  private:
    void serve() {
        while (!ending_) {
            auto& client = clients_.emplace_back(io_);  // open to the end: what is closed with unread bytes is reset
            boost::system::error_code failed;
            acceptor_.accept(client, failed);
            std::array<char, 1> some{};
            if (!ending_ && !failed) boost::asio::read(client, boost::asio::buffer(some), failed);
            if (!ending_ && !failed) boost::asio::write(client, boost::asio::buffer(answer_), failed);
            if (!ending_ && !failed) client.shutdown(tcp::socket::shutdown_send, failed);
        }
    }

    std::string answer_;
    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    std::list<tcp::socket> clients_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

PgError refused_by(const std::string& state) {
    const Refusing server(state);
    boost::asio::io_context io;
    ConnectOptions options;
    options.conninfo = server.conninfo();
    auto opened = boost::asio::co_spawn(io, Connection::open(options), boost::asio::use_future);
    io.run();
    try {
        opened.get();
    } catch (const PgError& error) {
        return error;
    }
    ADD_FAILURE() << "the connection was not refused";
    return PgError("", "");
}

TEST(RefusedConnection, ALimitIsKnownByItsState) {
    const auto error = refused_by("53300");
    EXPECT_TRUE(error.is(sqlstate::too_many_connections));
    EXPECT_NE(error.message().find("zu viele Verbindungen"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("CONNECTION LIMIT"), std::string::npos);
}

TEST(RefusedConnection, AnythingElseIsAServerThatIsNotToBeHad) {
    const auto error = refused_by("57P03");
    EXPECT_EQ(error.sqlstate(), "");
    EXPECT_TRUE(error.connection_lost());
}

TEST(RefusedConnection, IsSaidInOneLineWithoutLibpqsQuestion) {
    EXPECT_EQ(in_one_line("connection to server at \"a\", port 1 failed: Connection refused\n"
                          "\tIs the server running on that host and accepting TCP/IP connections?\n"
                          "connection to server at \"b\", port 2 failed: FATAL:  the database system is starting up\n"),
              "connection to server at \"a\", port 1 failed: Connection refused; connection to server at \"b\", port 2 "
              "failed: FATAL:  the database system is starting up");
    EXPECT_EQ(in_one_line(""), "");
}

}  // namespace
}  // namespace pgwraith::postgres
