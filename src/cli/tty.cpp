#include "tty.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace pgwraith::cli {

bool capable_terminal(int descriptor) {
    const char* term = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

winsize size_of(int descriptor) {
    winsize found{};
    if (::ioctl(descriptor, TIOCGWINSZ, &found) != 0 || found.ws_col == 0) found.ws_col = 80;
    if (found.ws_row == 0) found.ws_row = 24;
    return found;
}

}  // namespace pgwraith::cli
