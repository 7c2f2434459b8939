#include "pgwraith/throttle/gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::throttle {

namespace {

constexpr milliseconds say_again_after{30'000};
// One that is not said at first, because it comes and goes, is said when it stays.
constexpr milliseconds stays{10'000};

}  // namespace

Gate::Gate(asio::any_io_executor executor) : changed_(std::move(executor)) {}

void Gate::hold(const std::string& name, std::string text, double severity) {
    const auto now = Clock::now();
    if (reasons_.empty()) closed_since_ = now;
    const bool is_new = !reasons_.contains(name);
    reasons_[name] = {std::move(text), severity};
    if (!is_new && !pause_was_said_ && now - *closed_since_ > stays) said_.erase(name);
    if (is_new || !said_.contains(name)) say(name);
}

void Gate::say(const std::string& name) {
    const auto now = Clock::now();
    const auto found = said_.find(name);
    if (found != said_.end() && now - found->second.at < say_again_after) {
        ++found->second.silently;
        return;
    }
    const int silently = found == said_.end() ? 0 : found->second.silently;
    const auto again = silently > 0 ? fmt::format(" ({} times more since that was last said)", silently) : "";
    spdlog::info("waiting: {}{}", reasons_[name].text, again);
    said_[name] = {now};
    pause_was_said_ = true;
}

void Gate::clear(const std::string& name) {
    if (reasons_.erase(name) == 0) return;
    if (!reasons_.empty()) return;
    const auto length = std::chrono::duration_cast<milliseconds>(Clock::now() - *closed_since_);
    closed_before_ += length;
    closed_since_.reset();
    if (std::exchange(pause_was_said_, false)) {
        spdlog::info("going on after {} ({} no longer holds)", format_duration(length), name);
    }
    changed_.notify_all();
}

Task<void> Gate::pass() {
    while (closed()) co_await changed_.wait();
}

Task<bool> Gate::pass(Turn turn) {
    for (;;) {
        if (turn.over()) co_return false;
        if (!closed() && turn.number < std::min(turn.workers, allowed_)) co_return true;
        co_await changed_.wait();
    }
}

void Gate::allow(int workers) {
    if (workers > allowed_) changed_.notify_all();
    allowed_ = workers;
}

std::optional<std::string> Gate::reason() const { return reason_beside(""); }

std::optional<std::string> Gate::reason_beside(const std::string& name) const {
    const Reason* worst = nullptr;
    for (const auto& [whose, reason] : reasons_) {
        if (whose != name && (worst == nullptr || reason.severity > worst->severity)) worst = &reason;
    }
    if (worst == nullptr) return std::nullopt;
    return worst->text;
}

milliseconds Gate::closed_for() const {
    auto total = closed_before_;
    if (closed_since_) total += std::chrono::duration_cast<milliseconds>(Clock::now() - *closed_since_);
    return total;
}

}  // namespace pgwraith::throttle
