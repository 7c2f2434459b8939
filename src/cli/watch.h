// What a command that waits for a running migration tells meanwhile.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pgwraith/base/units.h"
#include "screen.h"

namespace pgwraith::cli {

// The first line of `status`, at once: on a terminal one line that is redrawn; otherwise a line whenever it is about
// something else, and every few seconds, so that nobody waits in silence.
class Watch {
  public:
    ~Watch() { screen_.clear(); }
    void show(const nlohmann::json& status);
    // Before anything else is said.
    void clear() { screen_.clear(); }

  private:
    Screen screen_;
    std::string about_;
    std::string line_;
    Clock::time_point shown_;
};

}  // namespace pgwraith::cli
