// Standard output of the commands, sentence by sentence.
#pragma once

#include <cstdio>
#include <string>

namespace pgwraith::cli {

// Returns the exit status of a command that ends with it.
inline int say(const std::string& sentence) {
    std::fputs((sentence + "\n").c_str(), stdout);
    std::fflush(stdout);
    return 0;
}

}  // namespace pgwraith::cli
