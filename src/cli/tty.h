// A descriptor as a terminal.
#pragma once

#include <sys/ioctl.h>

namespace pgwraith::cli {

inline constexpr const char* erase_line = "\r\x1b[K";

// It is one, and understands such sequences.
bool capable_terminal(int descriptor);

// 80 columns and 24 rows where that is not known.
winsize size_of(int descriptor);

}  // namespace pgwraith::cli
