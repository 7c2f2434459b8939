// One who asks a running process, as the commands of the CLI do: synchronous, one request at a time.
#pragma once

#include <boost/beast/http.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "pgwraith/base/async.h"
#include "pgwraith/base/error.h"
#include "pgwraith/base/units.h"

namespace boost::asio {
class io_context;
}

namespace pgwraith::control {

// Nobody listens: no process runs for this migration, or not there.
class NotRunning : public Error {
  public:
    NotRunning(std::string what, std::string hint) : Error(ErrorKind::stopped, std::move(what), std::move(hint)) {}
};

class Client {
  public:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;

    virtual ~Client() = default;

    // Called twenty times a second while an answer is awaited; what it throws ends the request.
    void while_waiting(std::function<void()> look) { look_ = std::move(look); }

    // All throw NotRunning, Error(usage) for what the process does not take, and Error(stopped) for what it
    // cannot do now or when it does not answer in time. The strings are sentences for the operator.
    nlohmann::json status() const;
    std::string pause() const;
    std::string resume() const;
    std::string verify() const;
    std::string cutover(const std::string& at = {}) const;  // empty: as soon as it is ready
    std::string postpone() const;
    std::string abort() const;
    std::string set(const std::string& key, const std::string& value) const;

    // One request; returns the body of a 2xx answer.
    std::string request(const std::string& method, const std::string& target, const std::string& body) const;

  protected:
    // Comes to the end of `exchange`, on `io`, or throws what it throws. What the coroutine owns goes with `io`.
    void wait_for(asio::io_context& io, Task<void> exchange) const;

  private:
    std::string command(const std::string& target, const std::string& body = {}) const;
    // The request lacks the headers that the way there needs.
    virtual Response send(Request request) const = 0;

    std::function<void()> look_;
};

// Over the control socket of a state directory.
class SocketClient : public Client {
  public:
    explicit SocketClient(std::filesystem::path state_dir, milliseconds timeout = milliseconds{10'000});

  private:
    Response send(Request request) const override;

    std::filesystem::path state_dir_;
    milliseconds timeout_;
};

}  // namespace pgwraith::control
