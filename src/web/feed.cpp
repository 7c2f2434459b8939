#include "feed.h"

#include "event.h"
#include "pgwraith/control/version.h"

namespace pgwraith::web {

using nlohmann::json;

namespace {

constexpr milliseconds sample_interval{1'000};
constexpr std::size_t history_samples = 900;  // a quarter of an hour

std::int64_t unix_ms() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Feed::Feed(asio::any_io_executor executor, control::Routes& routes)
    : routes_(routes), history_(history_samples), changed_(executor), newest_(std::make_shared<const std::string>()) {}

Task<void> Feed::run() {
    while (!closed_) {
        sample();
        co_await changed_.wait_for(sample_interval);
        // Woken by its own news only at the end.
    }
}

void Feed::sample() {
    const json status = routes_.status();
    const Sample& sample = history_.add(status, unix_ms());
    newest_ =
        std::make_shared<const std::string>(event_text("status", {{"status", status}, {"sample", to_json(sample)}}));
    ++number_;
    changed_.notify_all();
}

std::string Feed::opening() const {
    return event_text("history", {{"version", control::version}, {"columns", history_.columns()}}) + *newest_;
}

void Feed::say_end() {
    if (closed_) return;
    sample();
    end_ = event_text("end", control::end_json(routes_.end().value()));
    changed_.notify_all();
}

void Feed::close() {
    closed_ = true;
    changed_.notify_all();
}

}  // namespace pgwraith::web
