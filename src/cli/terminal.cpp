#include "terminal.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace pgwraith::cli {

namespace {

constexpr const char* erase_line = "\r\x1b[K";

bool capable_terminal() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

}  // namespace

Terminal::Terminal()
    : interactive_(capable_terminal()), controlling_(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)) {}

Terminal::~Terminal() {
    if (controlling_ >= 0) ::close(controlling_);
}

bool Terminal::gone() const {
    termios settings{};
    return controlling_ >= 0 && ::tcgetattr(controlling_, &settings) != 0;
}

std::size_t Terminal::width() const {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

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

void Terminal::sink_it_(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string text(formatted.data(), formatted.size());
    write(line_.empty() ? text : erase_line + text + line_);
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

std::shared_ptr<Terminal> start_logging(const std::string& level) {
    auto terminal = std::make_shared<Terminal>();
    auto logger = std::make_shared<spdlog::logger>("pgwraith", terminal);
    logger->set_pattern(terminal->interactive() ? "%H:%M:%S.%e %l: %v" : "%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
    return terminal;
}

}  // namespace pgwraith::cli
