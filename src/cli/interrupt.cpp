#include "interrupt.h"

#include <algorithm>
#include <csignal>
#include <thread>

namespace pgwraith::cli {

namespace {

volatile std::sig_atomic_t received = 0;

void remember(int number) { received = number; }

constexpr milliseconds slice{50};

}  // namespace

void remember_interrupts() {
    for (const int number : {SIGINT, SIGTERM}) {
        struct sigaction action {};
        // A signal that was ignored at the start stays ignored.
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = remember;
        action.sa_flags = SA_RESETHAND;
        ::sigaction(number, &action, nullptr);
    }
}

int interruption() { return received == 0 ? 0 : 128 + received; }

void sleep_unless_interrupted(milliseconds time) {
    for (auto left = time;; left -= slice) {
        if (const int status = interruption()) throw Interrupted{status};
        if (left <= milliseconds{0}) return;
        std::this_thread::sleep_for(std::min(left, slice));
    }
}

}  // namespace pgwraith::cli
