#include "pgwraith/base/faults.h"

#ifdef PGWRAITH_FAULTS

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <unistd.h>

namespace pgwraith {

void fault_point(const char* name) {
    static const char* const wanted = std::getenv("PGWRAITH_CRASH_AT");
    if (wanted == nullptr) return;
    const char* colon = std::strchr(wanted, ':');
    std::string point = colon == nullptr ? std::string(wanted) : std::string(wanted, colon);
    if (point != name) return;
    static int passed = 0;  // only the io_context's thread comes here
    int at = colon == nullptr ? 1 : std::atoi(colon + 1);
    if (++passed >= at) kill(getpid(), SIGKILL);
}

bool broken_on_purpose(const char* name) {
    static const char* const broken = std::getenv("PGWRAITH_BREAK");
    return broken != nullptr && std::strcmp(broken, name) == 0;
}

}  // namespace pgwraith

#endif
