// The other end of the control socket, as the commands of the CLI use it: synchronous, one request at a time.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/base/units.h"

namespace pgwraith::control {

// There is no socket, or nobody listens: no process runs for this migration.
class NotRunning : public Error {
  public:
    explicit NotRunning(const std::filesystem::path& state_dir);
};

class Client {
  public:
    explicit Client(std::filesystem::path state_dir, milliseconds timeout = milliseconds{10'000});

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

  private:
    std::string command(const std::string& target, const std::string& body = {}) const;

    std::filesystem::path state_dir_;
    milliseconds timeout_;
};

}  // namespace pgwraith::control
