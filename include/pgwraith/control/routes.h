// What each request to the control socket does. Knows nothing of sockets: a request's parts in, an answer out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pgwraith/control/metrics.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/commands.h"

namespace pgwraith::control {

struct Reply {
    unsigned status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::string allow{};  // with 405: the method that the path takes
};

// {"error", "hint"}
Reply error_reply(unsigned status, const std::string& error, const std::string& hint);

class Routes {
  public:
    explicit Routes(migration::Commands& commands) : commands_(commands) {}

    // What a request does, and its answer, once that may be relied on. Never throws: what a command throws becomes an
    // answer with 4xx or 5xx. The views must stay valid.
    Task<Reply> answer(std::string_view method, std::string_view target, std::string_view body);
    // At once.
    Reply handle(std::string_view method, std::string_view target, std::string_view body);

    nlohmann::json status();
    // From now on every status has it.
    void say_end(End end) { end_ = std::move(end); }
    const std::optional<End>& end() const { return end_; }
    // Of /metrics, whichever way it was asked for.
    const Scrapes& scrapes() const { return scrapes_; }

  private:
    Reply dispatch(std::string_view path, std::string_view body);
    Reply cutover(std::string_view body);
    Reply set(std::string_view body);

    migration::Commands& commands_;
    PercentFloor percent_;
    Scrapes scrapes_;
    std::optional<End> end_;
};

}  // namespace pgwraith::control
