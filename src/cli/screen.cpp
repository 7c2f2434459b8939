#include "screen.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "pgwraith/control/display.h"
#include "tty.h"

namespace pgwraith::cli {

namespace {

constexpr const char* other_screen = "\x1b[?1049h\x1b[?25l";
constexpr const char* first_screen = "\x1b[?25h\x1b[?1049l";
constexpr const char* home = "\x1b[H";
constexpr const char* erase_rest_of_line = "\x1b[K";
constexpr const char* erase_below = "\x1b[J";

}  // namespace

Screen::Screen() : interactive_(capable_terminal(STDOUT_FILENO)) {}

Screen::~Screen() {
    clear();
    end_picture();
}

bool Screen::coloured() const {
    const char* no = std::getenv("NO_COLOR");
    return interactive_ && (no == nullptr || *no == '\0');
}

void Screen::redraw(const std::string& line) {
    if (!interactive_) {
        write(line + "\n");
        return;
    }
    // The last columns stay free for the ^C that a terminal echoes: a line that wraps could not be erased.
    write(erase_line + control::fit(line, std::max<std::size_t>(size_of(STDOUT_FILENO).ws_col, 20) - 3));
    drawn_ = true;
}

void Screen::clear() {
    if (drawn_) write(erase_line);
    drawn_ = false;
}

// What does not fit is left out: it would scroll.
void Screen::picture(const std::string& text) {
    if (!interactive_) {
        write(text);
        return;
    }
    std::string out = picture_ ? "" : other_screen;
    out += home;
    picture_ = true;
    std::istringstream lines(text);
    std::string line;
    for (int row = 1; row < size_of(STDOUT_FILENO).ws_row && std::getline(lines, line); ++row) {
        out += line + erase_rest_of_line + "\n";
    }
    write(out + erase_below);
}

void Screen::end_picture() {
    if (picture_) write(first_screen);
    picture_ = false;
}

void Screen::write(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace pgwraith::cli
