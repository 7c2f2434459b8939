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
    // Figures change all the time; these do not.
    std::string about;
    for (const char* key : {"phase", "health", "activity"}) about += text_at(status, key) + "\n";
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
