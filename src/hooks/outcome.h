// What became of a command. Pure.
#pragma once

#include <string>

#include "pgwraith/base/units.h"

namespace pgwraith::hooks {

struct Outcome {
    enum class How { ended, killed, too_long, not_started, stopped };
    How how = How::ended;
    int number = 0;         // exit status, or signal
    std::string said;       // its last line
    std::string why;        // not_started
    milliseconds limit{0};  // too_long

    bool well() const { return how == How::ended && number == 0; }
    // "ended with 3: not on a Friday"
    std::string in_words() const;
};

// Of what waitpid() tells.
Outcome outcome_of(int wait_status);

}  // namespace pgwraith::hooks
