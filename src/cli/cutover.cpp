// `pgwraith cutover`: the running process swaps as soon as it can; this waits for what becomes of it.
#include <fmt/format.h>

#include "commands.h"
#include "interrupt.h"
#include "pgwraith/control/moment.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "polling.h"
#include "say.h"
#include "target.h"
#include "wait.h"
#include "watch.h"

namespace pgwraith::cli {

using nlohmann::json;

namespace {

constexpr milliseconds cutover_poll{100};

int swapped(const std::string& table, const json& status) {
    std::string waited;
    if (status.contains("blocked_ms") && status.at("blocked_ms").is_number()) {
        waited = fmt::format(": others waited {:.1f} ms at most", status.at("blocked_ms").get<double>());
    }
    const char* what = status.value("way", "") == "steps" ? "done" : "swapped";
    say(fmt::format("{}: {} has its new shape{}", what, table, waited));
    return 0;
}

// The process is gone: the state directory and the server know how it ended.
int after_the_end(const config::Settings& settings, const migration::Remembered& began, const json& status) {
    const auto table = control::display_name(settings.table);
    switch (wait_for(migration::find_end(settings, began))) {
        case migration::Ended::swapped:
            return swapped(table, status);
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

// Elsewhere: what it said last is all that is known.
[[noreturn]] void gone_elsewhere(const Target& target, const json& status) {
    throw Error(
        ErrorKind::unknown_outcome,
        fmt::format("the process cannot be reached any more, and whether it had swapped {} was not seen",
                    target.table(status)),
        "Its log says how it ended, and `pgwraith status FILE` where the state directory is. If it goes on, the "
        "cutover stays asked for.");
}

// Nothing runs that could swap. What is done already is what was asked for.
int without_process(const config::Settings& settings) {
    const auto since = migration::done_since(settings);
    if (!since) throw not_running(settings);
    return say(fmt::format("{} has its new shape already, since {}", control::display_name(settings.table), *since));
}

int wait_for_outcome(const Target& target, migration::Remembered& began, Watch& watch) {
    const config::Settings* const settings = target.settings();
    json status;
    for (Poll poll(target);;) {
        auto now = poll.next();
        if (!now) {
            watch.clear();
            if (settings == nullptr) gone_elsewhere(target, status);
            return after_the_end(*settings, began, status);
        }
        status = std::move(*now);
        if (status.value("phase", "") == migration::phase_name(migration::Phase::done)) {
            watch.clear();
            return swapped(target.table(status), status);
        }
        if (settings == nullptr) {
            if (const auto end = failed_end(status)) throw *end;
        } else if (began.table == 0) {
            began = wait_for(migration::remember(*settings));
        }
        watch.show(status);
        sleep_unless_interrupted(target.poll_interval(cutover_poll));
    }
}

}  // namespace

int cutover(const Target& target, const Options& options) {
    if (!options.at.empty() && !control::parse_moment(options.at)) {
        throw Error(ErrorKind::usage, fmt::format("{} is not a moment", options.at), control::moment_hint);
    }
    const bool waits = options.at.empty() && !options.no_wait;
    migration::Remembered began;
    if (waits && target.settings() != nullptr) began = wait_for(migration::remember(*target.settings()));
    try {
        say(target.client().cutover(options.at));
    } catch (const control::NotRunning& why) {
        if (target.settings() == nullptr) throw target.not_running(why);
        return without_process(*target.settings());
    }
    if (!waits) return 0;
    Watch watch;
    try {
        return wait_for_outcome(target, began, watch);
    } catch (const Interrupted& interrupted) {
        watch.clear();
        say("no longer waiting; the cutover stays asked for: `pgwraith postpone` takes that back, `pgwraith status` "
            "shows how it goes");
        return interrupted.status;
    }
}

}  // namespace pgwraith::cli
