// Whatever the file says, it becomes settings or an Error(usage); nothing else may come out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/config/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pgwraith;
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const config::Settings settings = config::parse(text, "fuzz.yaml");
        if (settings.table.name.empty() || !settings.state_dir.is_absolute() ||
            settings.cutover.max_blocked < settings.cutover.lock_timeout) {
            std::abort();  // accepted, but not valid
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage || error.message().empty()) {
            std::abort();
        }
    }
    config::redact_password(text);
    return 0;
}
