// HTTP/1.1 over a Unix stream socket, mode 0600: what `pgwraith status` and its sisters talk to, and curl:
//
//     curl --unix-socket state/control.sock http://pgwraith/status
#pragma once

#include <filesystem>
#include <memory>

#include "pgwraith/base/async.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::control {

// Where a migration's socket is.
std::filesystem::path socket_path(const std::filesystem::path& state_dir);

class Server {
  public:
    // Binds and listens. The directory is made, or checked (store/state_dir.h); the socket that a dead process left is
    // replaced. Throws Error(stopped) when a living process answers there, Error(usage) when it cannot be made.
    // REQUIRES: `routes` outlives run().
    Server(asio::any_io_executor executor, Routes& routes, std::filesystem::path path);
    // Removes the socket, and the directory when this program made it and it is empty.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Serves until close() or a cancellation, then until the answers under way are written. Does not throw.
    Task<void> run();
    void close();
    // Whether a request has come in the last `period`.
    bool asked_within(milliseconds period) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace pgwraith::control
