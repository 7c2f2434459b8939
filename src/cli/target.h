// The migration that a command is about: by its file, whose state directory has the socket, or by the URL of its port.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "commands.h"
#include "pgwraith/control/client.h"

namespace pgwraith::cli {

class Target {
  public:
    explicit Target(config::Settings settings);
    // Throws Error(usage) for a URL, a token or an authority that cannot be used.
    explicit Target(const Options& options);

    const control::Client& client() const { return *client_; }
    // nullptr: it is elsewhere, and neither its state directory nor its server is asked.
    const config::Settings* settings() const { return settings_ ? &*settings_ : nullptr; }
    // As SQL; `status`: that the process has answered.
    std::string table(const nlohmann::json& status) const;
    // How often a command that waits asks; each time is a handshake if it is elsewhere.
    milliseconds poll_interval(milliseconds nearby) const;
    // For a command that needs a process: in what state the migration is, and what helps. `why`: from the client.
    Error not_running(const control::NotRunning& why) const;

  private:
    std::optional<config::Settings> settings_;
    std::unique_ptr<control::Client> client_;
};

// The way in which the process ends, if it says so in `status`; nullopt: it does not end, or has its new shape.
std::optional<Error> failed_end(const nlohmann::json& status);

}  // namespace pgwraith::cli
