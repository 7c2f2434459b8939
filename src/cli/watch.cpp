#include "watch.h"

#include <cstdio>

#include "pgwraith/control/display.h"

namespace pgwraith::cli {

namespace {

std::string text_at(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_string() ? control::fit(found->get<std::string>(), 1000) : "";
}

}  // namespace

void Watch::show(const nlohmann::json& status) {
    std::string line = text_at(status, "phase");
    const auto held = text_at(status, "throttled");
    const auto activity = text_at(status, "activity");
    if (!held.empty()) {
        line += ", waiting: " + held;
    } else if (!activity.empty()) {
        line += ": " + activity;
    }
    if (line == last_) return;
    last_ = line;
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace pgwraith::cli
