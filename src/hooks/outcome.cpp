#include "outcome.h"

#include <sys/wait.h>

#include <cstring>

#include <fmt/format.h>

namespace pgwraith::hooks {

namespace {

// As the shell has it.
const char* of_the_shell(int status) {
    if (status == 126) return " (the command cannot be executed)";
    if (status == 127) return " (the command was not found)";
    return "";
}

}  // namespace

std::string Outcome::in_words() const {
    std::string text;
    switch (how) {
        case How::ended:
            text = fmt::format("ended with {}{}", number, of_the_shell(number));
            break;
        case How::killed:
            text = fmt::format("was ended by SIG{}", ::sigabbrev_np(number) != nullptr ? ::sigabbrev_np(number) : "?");
            break;
        case How::too_long:
            text = fmt::format("did not end within {} (hooks.timeout), and was killed", format_duration(limit));
            break;
        case How::not_started:
            return "cannot be started: " + why;
        case How::stopped:
            return "was ended, because pgwraith stops";
    }
    return said.empty() ? text : text + ": " + said;
}

Outcome outcome_of(int wait_status) {
    Outcome outcome;
    if (WIFSIGNALED(wait_status)) {
        outcome.how = Outcome::How::killed;
        outcome.number = WTERMSIG(wait_status);
    } else {
        outcome.number = WEXITSTATUS(wait_status);
    }
    return outcome;
}

}  // namespace pgwraith::hooks
