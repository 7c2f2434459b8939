// HTTP over TCP, with TLS if there is a certificate: what the Unix socket answers, and the page. Off unless
// `control.listen` says where.
#pragma once

#include <memory>
#include <string>

#include "pgwraith/base/async.h"
#include "pgwraith/config/control.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::web {

class Listener {
  public:
    // Reads the certificate, binds and listens. Throws Error(usage) for what cannot be used, Error(stopped) when the
    // port is taken. REQUIRES: `routes` outlives run(), `settings.listen` is not empty.
    Listener(asio::any_io_executor executor, control::Routes& routes, const config::Control& settings);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // "https://127.0.0.1:8443", the port being the one that was bound.
    std::string url() const;

    // Serves until close() or a cancellation, then until the answers under way are written. Does not throw.
    Task<void> run();
    // What those who follow the events are told last: how the process ends. REQUIRES: the routes know it.
    void say_end();
    void close();
    // Whether somebody has asked for the status in the last `period`.
    bool asked_within(milliseconds period) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace pgwraith::web
