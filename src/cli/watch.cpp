#include "watch.h"

#include "pgwraith/control/display.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds say_again{5'000};

std::string text_at(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_string() ? control::fit(found->get<std::string>(), 1000) : "";
}

}  // namespace

void Watch::show(const nlohmann::json& status) {
    // What it waits for is news; figures, which change all the time, are none.
    std::string about;
    for (const char* key : {"phase", "health", "waits"}) about += text_at(status, key) + "\n";
    if (!text_at(status, "waits").empty()) about += text_at(status, "activity");
    const auto now = Clock::now();
    const auto line = control::headline_line(status);
    const bool due = about != about_ || now - shown_ >= say_again;
    if (screen_.interactive() ? line == line_ : !due) return;
    about_ = about;
    line_ = line;
    shown_ = now;
    screen_.redraw(line);
}

}  // namespace pgwraith::cli
