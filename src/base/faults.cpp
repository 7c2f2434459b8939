#include "pgwraith/base/faults.h"

#ifdef PGWRAITH_FAULTS

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace pgwraith {

namespace {

// One write per line: O_APPEND keeps lines of several threads, and of several processes, whole.
void trace(const char* name) {
    static const char* const path = std::getenv("PGWRAITH_FAULT_TRACE");
    if (path == nullptr) return;
    static const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string line = std::string(name) + "\n";
    // A trace that lacks a point makes the test that reads it fail; there is nothing else to do here.
    if (file >= 0 && write(file, line.data(), line.size()) < 0) return;
}

}  // namespace

void fault_point(const char* name) {
    trace(name);
    static const char* const wanted = std::getenv("PGWRAITH_CRASH_AT");
    if (wanted == nullptr) return;
    const char* colon = std::strchr(wanted, ':');
    const std::string point = colon == nullptr ? std::string(wanted) : std::string(wanted, colon);
    if (point != name) return;
    static std::atomic<int> passed{0};  // the io_context's thread and those of the pool come here
    const int at = colon == nullptr ? 1 : std::atoi(colon + 1);
    if (++passed >= at) kill(getpid(), SIGKILL);
}

bool broken_on_purpose(const char* name) {
    static const char* const broken = std::getenv("PGWRAITH_BREAK");
    return broken != nullptr && std::strcmp(broken, name) == 0;
}

}  // namespace pgwraith

#endif
