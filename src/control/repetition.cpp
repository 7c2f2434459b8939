#include <algorithm>

#include "pgwraith/control/log_line.h"

namespace pgwraith::control {

namespace {

constexpr unsigned said_at_once = 20;
constexpr milliseconds first_pause{60'000};
constexpr milliseconds longest_pause{3'600'000};
// Not come for so long, or for twice the pause: what comes then is a new event.
constexpr milliseconds forgotten_after{600'000};
constexpr std::size_t most_kinds = 256;

constexpr milliseconds minute{60'000};

std::string kind_of(std::string message) {
    std::erase_if(message, [](char c) { return c >= '0' && c <= '9'; });
    return message;
}

}  // namespace

std::optional<unsigned> Repetition::say(const std::string& message, Clock::time_point now) {
    const auto name = kind_of(message);
    if (kinds_.size() >= most_kinds && !kinds_.contains(name)) {
        kinds_.erase(std::ranges::min_element(kinds_, {}, [](const auto& kind) { return kind.second.came_at; }));
    }
    auto& kind = kinds_[name];
    if (now - kind.came_at > std::max(forgotten_after, kind.pause * 2)) kind = {};
    kind.came_at = now;
    if (kind.said >= said_at_once) {
        if (kind.pause == milliseconds{0}) kind.pause = first_pause;
        if (now - kind.said_at < kind.pause) {
            ++kind.unsaid;
            return std::nullopt;
        }
        kind.pause = std::min(kind.pause * 2, longest_pause);
    }
    ++kind.said;
    kind.said_at = now;
    return std::exchange(kind.unsaid, 0);
}

bool ProgressPace::say(const std::string& phase, const std::string& line, Clock::time_point now) {
    if (phase != phase_) {
        phase_ = phase;
        phase_began_ = now;
    }
    const auto in_phase = now - phase_began_;
    auto pause = milliseconds{4'500};  // it is looked at every five seconds
    if (in_phase > minute) pause = minute / 4;
    if (in_phase > 10 * minute) pause = minute;
    if (line == line_) pause = 10 * minute;
    if (said_ != Clock::time_point{} && now - said_ < pause) return false;
    said_ = now;
    line_ = line;
    return true;
}

}  // namespace pgwraith::control
