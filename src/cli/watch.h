// What a command that waits for a running migration tells meanwhile.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace pgwraith::cli {

// A line on stdout whenever the phase, what is done in it, or what holds it changes: at once when it is paused or
// throttled, so that nobody waits in silence.
class Watch {
  public:
    void show(const nlohmann::json& status);

  private:
    std::string last_;
};

}  // namespace pgwraith::cli
