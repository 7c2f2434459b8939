#include "pgwraith/throttle/gate.h"

namespace pgwraith::throttle {

Gate::Gate(asio::any_io_executor executor) : changed_(std::move(executor)) {}

void Gate::hold(const std::string& name, std::string text) {
    if (reasons_.empty()) closed_since_ = Clock::now();
    if (!reasons_.contains(name)) spdlog::info("waiting: {}", text);
    reasons_[name] = std::move(text);
}

void Gate::clear(const std::string& name) {
    if (reasons_.erase(name) == 0) return;
    if (!reasons_.empty()) return;
    closed_before_ += std::chrono::duration_cast<milliseconds>(Clock::now() - *closed_since_);
    closed_since_.reset();
    spdlog::info("going on ({} no longer holds)", name);
    changed_.notify_all();
}

Task<void> Gate::pass() {
    while (closed()) co_await changed_.wait();
}

std::optional<std::string> Gate::reason() const {
    if (reasons_.empty()) return std::nullopt;
    return reasons_.begin()->second;
}

milliseconds Gate::closed_for() const {
    auto total = closed_before_;
    if (closed_since_) total += std::chrono::duration_cast<milliseconds>(Clock::now() - *closed_since_);
    return total;
}

}  // namespace pgwraith::throttle
