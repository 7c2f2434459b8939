#include "terminal.h"

#include "commands.h"
#include "tty.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace pgwraith::cli {

Terminal::Terminal(config::LogFormat format)
    : format_(format),
      interactive_(format == config::LogFormat::text && capable_terminal(STDERR_FILENO)),
      controlling_(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)) {}

Terminal::~Terminal() {
    if (controlling_ >= 0) ::close(controlling_);
}

bool Terminal::gone() const {
    termios settings{};
    return controlling_ >= 0 && ::tcgetattr(controlling_, &settings) != 0;
}

std::size_t Terminal::width() const { return size_of(STDERR_FILENO).ws_col; }

void Terminal::show(const std::string& line) {
    if (!interactive_) return;
    const std::lock_guard lock(mutex_);
    if (line == line_) return;
    line_ = line;
    write(erase_line + line_);
}

void Terminal::clear() {
    const std::lock_guard lock(mutex_);
    if (!line_.empty()) write(erase_line);
    line_.clear();
}

void Terminal::describe(std::string table, std::function<std::string()> phase) {
    const std::lock_guard lock(mutex_);
    table_ = std::move(table);
    ask_phase_ = std::move(phase);
    asked_on_ = std::this_thread::get_id();
}

void Terminal::stop_describing() {
    const std::lock_guard lock(mutex_);
    if (ask_phase_) phase_ = ask_phase_();
    ask_phase_ = nullptr;
}

std::string Terminal::formatted(control::LogLine line) const {
    line.table = table_;
    line.phase = phase_;
    if (format_ == config::LogFormat::json) return json_line(line);
    return interactive_ ? terminal_line(line) : text_line(line);
}

std::string Terminal::line_of(const spdlog::details::log_msg& message, unsigned unsaid) {
    if (ask_phase_ && std::this_thread::get_id() == asked_on_) phase_ = ask_phase_();
    const auto level = spdlog::level::to_string_view(message.level);
    control::LogLine line{message.time, {level.data(), level.size()}, "", "", {}};
    line.message.assign(message.payload.data(), message.payload.size());
    line.fields = LogFields::now();
    if (unsaid > 0) {
        line.message += fmt::format(" ({} more like this since the last one that was logged)", unsaid);
        line.fields.emplace_back("unsaid", std::to_string(unsaid));
    }
    return formatted(std::move(line));
}

// Everything at level debug; errors and what says of itself how often it comes always.
void Terminal::sink_it_(const spdlog::details::log_msg& message) {
    unsigned unsaid = 0;
    const bool may_be_left_out =
        message.level <= spdlog::level::warn && LogFields::now().empty() && !spdlog::should_log(spdlog::level::debug);
    if (may_be_left_out) {
        const auto again = repetition_.say({message.payload.data(), message.payload.size()}, Clock::now());
        if (!again) return;
        unsaid = *again;
    }
    const auto text = line_of(message, unsaid);
    write(line_.empty() ? text : erase_line + text + line_);
}

void Terminal::write_last(const Error& error) {
    const std::lock_guard lock(mutex_);
    write(formatted(control::last_line(error, std::chrono::system_clock::now())));
}

void Terminal::flush_() {}

// One write for all of it, so that nothing of another process comes in between. A reader that is gone must not
// end a migration: what cannot be written is lost.
void Terminal::write(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = ::write(STDERR_FILENO, text.data() + at, text.size() - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        at += static_cast<std::size_t>(written);
    }
}

namespace {

std::shared_ptr<Terminal>& started() {
    static std::shared_ptr<Terminal> terminal;
    return terminal;
}

}  // namespace

std::shared_ptr<Terminal> start_logging(const std::string& level, config::LogFormat format) {
    auto terminal = std::make_shared<Terminal>(format);
    auto logger = std::make_shared<spdlog::logger>("pgwraith", terminal);
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
    started() = terminal;
    return terminal;
}

config::LogFormat log_format_of(const Options& options) {
    return options.log_format == "json" ? config::LogFormat::json : config::LogFormat::text;
}

void report_failure(const Error& error, config::LogFormat format) {
    const auto whole = control::completed(error);
    if (format == config::LogFormat::json) {
        if (!started()) start_logging("info", format);
        started()->write_last(whole);
    } else {
        std::fprintf(stderr, "pgwraith: %s\n", whole.report().c_str());
    }
}

}  // namespace pgwraith::cli
