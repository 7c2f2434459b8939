// `pgwraith verify`: the running process compares both tables once more; this waits for its answer.
#include <fmt/format.h>

#include <cstdio>

#include "commands.h"
#include "interrupt.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "polling.h"
#include "say.h"
#include "target.h"
#include "wait.h"
#include "watch.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds verify_poll{200};

std::uint64_t finished_verifications(const nlohmann::json& status) {
    return status.value("verifications", std::uint64_t{0});
}

Error swapped_before(const std::string& table) {
    return Error(ErrorKind::stopped,
                 fmt::format("the swap came before the end of the verification: {} has its new shape", table),
                 "Nothing can be compared any more; what was verified before the swap is in its log.");
}

Error ended_unseen() {
    return Error(ErrorKind::stopped, "the process ended before the end of the verification was seen",
                 "The log of `pgwraith run` says why; the same command carries on.");
}

// The process is gone.
Error ended_before(const config::Settings& settings, const migration::Remembered& began) {
    const auto table = control::display_name(settings.table);
    switch (wait_for(migration::find_end(settings, began))) {
        case migration::Ended::swapped:
            return swapped_before(table);
        case migration::Ended::aborted:
            return Error(ErrorKind::aborted, fmt::format("the migration was aborted: {} is as it was", table));
        default:
            return ended_unseen();
    }
}

// The process says it itself.
Error ended_elsewhere(const Target& target, const nlohmann::json& status) {
    if (const auto end = failed_end(status)) return *end;
    return swapped_before(target.table(status));
}

}  // namespace

int verify(const Target& target) {
    std::uint64_t before = 0;
    try {
        before = finished_verifications(target.client().status());
        say(target.client().verify());
    } catch (const control::NotRunning& why) {
        throw target.not_running(why);
    }
    migration::Remembered began;
    if (target.settings() != nullptr) began = wait_for(migration::remember(*target.settings()));
    Watch watch;
    try {
        for (Poll poll(target);;) {
            const auto status = poll.next();
            if (!status && target.settings() != nullptr) throw ended_before(*target.settings(), began);
            if (!status) throw ended_unseen();
            if (finished_verifications(*status) > before) {
                watch.clear();
                std::fputs(control::verification_text(*status).c_str(), stdout);
                return 0;
            }
            if (target.settings() == nullptr && status->value("end", nlohmann::json()).is_object()) {
                throw ended_elsewhere(target, *status);
            }
            watch.show(*status);
            sleep_unless_interrupted(target.poll_interval(verify_poll));
        }
    } catch (const Interrupted& interrupted) {
        watch.clear();
        say("no longer waiting; the verification goes on, and the log of `pgwraith run` says how it ends");
        return interrupted.status;
    }
}

}  // namespace pgwraith::cli
