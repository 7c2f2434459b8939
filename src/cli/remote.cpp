// The commands that talk to a running migration, and what they do when there is none.
#include <fmt/format.h>

#include <utility>

#include "commands.h"
#include "interrupt.h"
#include "pgwraith/control/server.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/store/state_dir.h"
#include "pgwraith/store/store.h"
#include "say.h"
#include "target.h"
#include "terminal.h"
#include "wait.h"
#include "watch.h"

namespace pgwraith::cli {

using control::Client;
using control::NotRunning;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds abort_patience{120};
constexpr milliseconds abort_poll{200};

// Announced before anything is dropped, so that it is known even when the drop fails half way.
void announce_found(const std::vector<std::string>& found) {
    say("found, and dropping now:");
    for (const auto& line : found) say("  " + line);
}

// Of a process that was killed: nobody listens there.
void remove_dead_socket(const std::filesystem::path& state_dir) {
    std::error_code error;
    std::filesystem::remove(control::socket_path(state_dir), error);
    store::remove_state_directory(state_dir);
}

// Waits until the process that was told to abort has gone, or says how it ends. Returns its last status.
json wait_until_gone(const Target& target) {
    const auto deadline = Clock::now() + abort_patience;
    json last;
    Watch watch;
    bool said = false;
    while (Clock::now() < deadline) {
        try {
            last = target.client().status();
            const auto end = failed_end(last);
            if (target.settings() == nullptr && last.value("end", json()).is_object()) return last;
            if (!end) watch.show(last);
            // At once: where that process is the first of our container, we end with it.
            if (end && !std::exchange(said, true)) {
                watch.clear();
                say(end->message());
            }
        } catch (const NotRunning&) {
            return last;
        } catch (const Error&) {
            // It may be too busy with dropping, or end in the middle of an answer.
        }
        sleep_unless_interrupted(target.poll_interval(abort_poll));
    }
    throw Error(ErrorKind::stopped,
                fmt::format("the process was told to abort, but still runs after {}", format_duration(abort_patience)),
                "its log says what it waits for; `pgwraith abort` may be repeated");
}

int no_longer_waiting(const Interrupted& interrupted) {
    say("no longer waiting; the process goes on with the abort, and ends by itself");
    return interrupted.status;
}

// In the process, if there is one. Otherwise the error says in what state the migration is.
template <typename Ask>
int ask(const Target& target, Ask question) {
    try {
        return say(question(target.client()));
    } catch (const NotRunning& why) {
        throw target.not_running(why);
    }
}

// Of a process elsewhere: it alone says what became of it.
int abort_elsewhere(const Target& target) {
    constexpr const char* sure =
        "`pgwraith abort FILE`, where the state directory and the server can be reached, drops what is left, and says "
        "so.";
    try {
        say(target.client().abort());
    } catch (const NotRunning& why) {
        throw Error(ErrorKind::stopped, fmt::format("{}; nothing was dropped", why.message()), sure);
    }
    json last;
    try {
        last = wait_until_gone(target);
    } catch (const Interrupted& interrupted) {
        return no_longer_waiting(interrupted);
    }
    const auto end = failed_end(last);
    if (end && end->kind() == ErrorKind::aborted) return say(end->message());
    if (end) throw Error(ErrorKind::stopped, fmt::format("the process ended otherwise: {}", end->message()), sure);
    if (last.value("end", json()).is_object()) {
        throw Error(ErrorKind::stopped,
                    fmt::format("the abort came too late: {} has its new shape", target.table(last)),
                    "Nothing of it is taken back.");
    }
    throw Error(ErrorKind::stopped, "the process is gone, and how it ended was not seen", sure);
}

// By the running process. nullopt: it has ended; otherwise the exit status, since there is nothing left to look for.
std::optional<int> abort_nearby(const Target& target, const config::Settings& settings) {
    const bool rehearsal = target.client().status().value("rehearsal", false);
    say(target.client().abort());
    try {
        wait_until_gone(target);
    } catch (const Interrupted& interrupted) {
        return no_longer_waiting(interrupted);
    }
    say("the process has ended");
    // What was done before the rehearsal stays recorded.
    if (rehearsal && !store::Store::exists(settings.state_dir)) return say("nothing of the rehearsal is left");
    return std::nullopt;
}

int say_removed(const config::Settings& settings, const migration::Aborted& aborted) {
    say("removed:");
    for (const auto& line : aborted.removed) say("  " + line);
    const auto table = control::display_name(settings.table);
    for (const auto& kept : aborted.kept) say("cannot be taken back: " + kept);
    if (!aborted.kept.empty()) return say(fmt::format("everything else of the migration of {} is gone", table));
    const char* but = aborted.identity_stays ? ", but for its replica identity" : "";
    if (!aborted.swapped) return say(fmt::format("{} is as it was{}", table, but));
    if (!settings.expand.empty()) {
        return say(
            fmt::format("the old columns of {} are gone: it keeps its new shape, which cannot be taken back", table));
    }
    say(fmt::format("{} has its new shape, and keeps it", table));
    if (!aborted.left.empty()) say("these statements were to follow; run those that have not been yet:");
    for (const auto& statement : aborted.left) say("  " + statement + ";");
    return 0;
}

}  // namespace

int pause(const Target& target) {
    return ask(target, [](const Client& client) { return client.pause(); });
}

int resume(const Target& target) {
    return ask(target, [](const Client& client) { return client.resume(); });
}

int postpone(const Target& target) {
    return ask(target, [](const Client& client) { return client.postpone(); });
}

int set(const Target& target, const Options& options) {
    // All of them are looked at before the first is sent.
    for (const auto& assignment : options.assignments) {
        const auto equals = assignment.find('=');
        if (equals != std::string::npos && equals != 0) continue;
        throw Error(ErrorKind::usage, fmt::format("'{}' is not KEY=VALUE; nothing was changed", assignment),
                    "for example: pgwraith set FILE copy.chunk_target=200ms");
    }
    for (const auto& assignment : options.assignments) {
        const auto equals = assignment.find('=');
        ask(target, [&](const Client& client) {
            return client.set(assignment.substr(0, equals), assignment.substr(equals + 1));
        });
    }
    return 0;
}

int abort(const Target& target) {
    start_logging("warn");
    if (target.settings() == nullptr) return abort_elsewhere(target);
    const config::Settings& settings = *target.settings();
    bool was_running = true;
    try {
        if (const auto status = abort_nearby(target, settings)) return *status;
    } catch (const NotRunning&) {
        was_running = false;
    }
    // Also after a process that cleaned up itself: what it left, if anything, is found now.
    migration::Aborted aborted;
    try {
        aborted = wait_for(migration::abort_migration(settings, announce_found));
    } catch (const Interrupted& interrupted) {
        say("interrupted; what is not dropped yet stays as it is, and the same command goes on");
        return interrupted.status;
    }
    remove_dead_socket(settings.state_dir);
    if (!aborted.removed.empty()) return say_removed(settings, aborted);
    return say(was_running ? "nothing of the migration is left"
                           : "nothing to do: there is nothing of this migration, neither a process, nor in the "
                             "database, nor in the state directory");
}

}  // namespace pgwraith::cli
