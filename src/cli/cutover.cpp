// `pgwraith cutover`: the running process swaps as soon as it can; this waits for what becomes of it.
#include <fmt/format.h>

#include <cstdio>
#include <thread>

#include "commands.h"
#include "pgwraith/control/client.h"
#include "pgwraith/control/moment.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "say.h"
#include "wait.h"
#include "watch.h"

namespace pgwraith::cli {

using nlohmann::json;

namespace {

constexpr milliseconds cutover_poll{100};
// A process that is busy, or ends in the middle of an answer, may leave so many questions in a row unanswered.
constexpr int unanswered_limit = 10;

int swapped(const config::Settings& settings, const json& status) {
    std::string waited;
    if (status.contains("blocked_ms") && status.at("blocked_ms").is_number()) {
        waited = fmt::format(": others waited {:.1f} ms at most", status.at("blocked_ms").get<double>());
    }
    say(fmt::format("swapped: {} has its new shape{}", control::display_name(settings.table), waited));
    return 0;
}

// The process is gone: the state directory and the server know how it ended.
int after_the_end(const config::Settings& settings, const migration::Remembered& began, const json& status) {
    const auto table = control::display_name(settings.table);
    switch (wait_for(migration::find_end(settings, began))) {
        case migration::Ended::swapped:
            return swapped(settings, status);
        case migration::Ended::stopped:
            throw Error(
                ErrorKind::stopped, fmt::format("the process ended without having swapped {}", table),
                "Its log says why. The state is kept: `pgwraith run` carries on; then ask for the cutover again.");
        case migration::Ended::aborted:
            throw Error(ErrorKind::aborted, fmt::format("the migration was aborted: {} is as it was", table));
        case migration::Ended::unknown:
            break;
    }
    throw Error(ErrorKind::unknown_outcome,
                fmt::format("the process ended, and whether it had swapped {} cannot be found out now", table),
                "The server could not be asked. `pgwraith run` finds out by itself and goes on either way.");
}

}  // namespace

int postpone(const config::Settings& settings) {
    say(control::Client(settings.state_dir).postpone());
    return 0;
}

int cutover(const config::Settings& settings, const Options& options) {
    const control::Client client(settings.state_dir);
    if (!options.at.empty()) {
        if (!control::parse_moment(options.at)) {
            throw Error(ErrorKind::usage, fmt::format("{} is not a moment", options.at), control::moment_hint);
        }
        say(client.cutover(options.at));
        return 0;
    }
    migration::Remembered began;
    if (!options.no_wait) began = wait_for(migration::remember(settings));
    say(client.cutover());
    if (options.no_wait) return 0;
    Watch watch;
    json status;
    for (int unanswered = 0;;) {
        try {
            status = client.status();
            unanswered = 0;
        } catch (const control::NotRunning&) {
            return after_the_end(settings, began, status);
        } catch (const Error&) {
            if (++unanswered > unanswered_limit) throw;
            std::this_thread::sleep_for(cutover_poll);
            continue;
        }
        if (status.value("phase", "") == migration::phase_name(migration::Phase::done))
            return swapped(settings, status);
        watch.show(status);
        if (began.table == 0) began = wait_for(migration::remember(settings));
        std::this_thread::sleep_for(cutover_poll);
    }
}

}  // namespace pgwraith::cli
