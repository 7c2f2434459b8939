// `pgwraith verify`: the running process compares both tables once more; this waits for its answer.
#include <cstdio>
#include <thread>

#include "commands.h"
#include "pgwraith/control/client.h"
#include "pgwraith/control/display.h"
#include "watch.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds verify_poll{200};

std::uint64_t finished_verifications(const nlohmann::json& status) {
    return status.value("verifications", std::uint64_t{0});
}

}  // namespace

int verify(const config::Settings& settings) {
    const control::Client client(settings.state_dir);
    const auto before = finished_verifications(client.status());
    std::fputs((client.verify() + "\n").c_str(), stdout);
    std::fflush(stdout);
    Watch watch;
    for (;;) {
        nlohmann::json status;
        try {
            status = client.status();
        } catch (const control::NotRunning&) {
            throw Error(ErrorKind::stopped, "the process ended before the end of the verification was seen",
                        "The log of `pgwraith run` says why; the same command carries on.");
        }
        if (finished_verifications(status) > before) {
            std::fputs(control::verification_text(status).c_str(), stdout);
            return 0;
        }
        watch.show(status);
        std::this_thread::sleep_for(verify_poll);
    }
}

}  // namespace pgwraith::cli
