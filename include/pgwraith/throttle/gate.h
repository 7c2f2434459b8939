// The one gate that every worker passes before it burdens the server. Any part of the program can hold it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pgwraith/base/async.h"

namespace pgwraith::throttle {

// Thread contract: the io_context's thread only.
class Gate {
  public:
    explicit Gate(asio::any_io_executor executor);

    // From now on pass() waits until the reason of that name is cleared. `text` is for the operator.
    void hold(const std::string& name, std::string text);
    void clear(const std::string& name);

    // Returns when there is no reason left to hold the gate.
    Task<void> pass();

    bool closed() const { return !reasons_.empty(); }
    // "paused by the operator", "replica r1 is 14.2s behind (limit 10s)"; nullopt when open.
    std::optional<std::string> reason() const;
    // Time the gate has been closed, in all.
    milliseconds closed_for() const;

  private:
    std::map<std::string, std::string> reasons_;
    Event changed_;
    std::optional<Clock::time_point> closed_since_;
    milliseconds closed_before_{0};
};

}  // namespace pgwraith::throttle
