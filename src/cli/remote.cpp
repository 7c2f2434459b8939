// The commands that talk to a running migration, and what they do when there is none.
#include <fmt/format.h>

#include <cstdio>
#include <thread>

#include "commands.h"
#include "pgwraith/control/client.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/server.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/store/state_dir.h"
#include "pgwraith/store/store.h"
#include "say.h"
#include "terminal.h"
#include "wait.h"

namespace pgwraith::cli {

using control::Client;
using control::NotRunning;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds abort_patience{120};
constexpr milliseconds abort_poll{200};

// What a stopped migration's directory tells, in the words of a running one's status; a phase of null: nothing is
// recorded. Takes no lock: a client that asks all the time never stands in a starting `run`'s way.
json stored_state(const config::Settings& settings) {
    std::optional<migration::Progress> known;
    std::string unreadable, hint;
    try {
        known = wait_for(migration::read_progress(settings));
    } catch (const Error& error) {
        unreadable = error.message();
        hint = error.hint();
    }
    json status = control::status_json(known.value_or(migration::Progress()), settings, 0, Clock::now());
    status["running"] = false;
    status["pid"] = nullptr;
    if (!known) status["phase"] = nullptr;
    if (!unreadable.empty()) {
        status["error"] = unreadable;
        status["hint"] = hint;
    }
    return status;
}

std::string stored_text(const json& known, const config::Settings& settings) {
    std::string out = "no process is running for this migration\n";
    if (known.contains("error")) {
        return out + fmt::format("its state in {} cannot be read: {}\n", settings.state_dir.string(),
                                 known.at("error").get<std::string>());
    }
    if (known.at("phase").is_null()) {
        return out + fmt::format("{} holds no state: the migration has not begun, or has ended and cleaned up\n",
                                 settings.state_dir.string());
    }
    const auto phase = known.at("phase").get<std::string>();
    const bool rehearsal = known.at("rehearsal").get<bool>();
    std::vector<std::vector<std::string>> rows = {
        {"table", known.at("table").get<std::string>()},
        {"stopped in phase", phase + (rehearsal ? ", of a rehearsal" : "")},
        {"copied", format_count(known.at("rows_copied").get<std::uint64_t>()) + " rows"},
        {"pending changes", "about " + format_count(known.at("pending_changes").get<std::uint64_t>())},
        {"state", settings.state_dir.string()}};
    out += control::aligned(rows, 0);
    if (phase == "done") {
        return out +
               "the table has its new shape, and keeps it; `pgwraith run` does what is left, `pgwraith abort` says "
               "what that is\n";
    }
    if (rehearsal) {
        out += "`pgwraith rehearse` carries on and goes back in the end; `pgwraith abort` goes back at once.";
        if (known.at("slot") == true) out += " Until then its replication slot keeps WAL on the server.";
        return out + "\n";
    }
    if (!known.at("versions").is_null()) return out + known.at("versions").get<std::string>() + "\n";
    out += "`pgwraith run` carries on; `pgwraith abort` drops everything.";
    if (known.at("slot") == true) out += " Until then its replication slot keeps WAL on the server.";
    return out + "\n";
}

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

// Waits until the process that was told to abort has gone.
void wait_until_gone(const Client& client) {
    const auto deadline = Clock::now() + abort_patience;
    while (Clock::now() < deadline) {
        try {
            client.status();
        } catch (const NotRunning&) {
            return;
        } catch (const Error&) {
            // It may be too busy with dropping, or end in the middle of an answer.
        }
        std::this_thread::sleep_for(abort_poll);
    }
    throw Error(ErrorKind::stopped,
                fmt::format("the process was told to abort, but still runs after {}", format_duration(abort_patience)),
                "its log says what it waits for; `pgwraith abort` may be repeated");
}

}  // namespace

int status(const config::Settings& settings, const Options& options) {
    const auto dumped = [](const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace); };
    try {
        json now = Client(settings.state_dir).status();
        now["running"] = true;
        std::fputs((options.json ? dumped(now) + "\n" : control::status_text(now)).c_str(), stdout);
        return 0;
    } catch (const NotRunning&) {
        const json known = stored_state(settings);
        std::fputs((options.json ? dumped(known) + "\n" : stored_text(known, settings)).c_str(), stdout);
        // No process is needed while both versions stand side by side.
        const bool expanded =
            known.at("phase") == migration::phase_name(migration::Phase::expanded) && known.at("rehearsal") == false;
        return expanded ? 0 : exit_status(ErrorKind::stopped);
    }
}

int pause(const config::Settings& settings) { return say(Client(settings.state_dir).pause()); }
int resume(const config::Settings& settings) { return say(Client(settings.state_dir).resume()); }

int set(const config::Settings& settings, const Options& options) {
    const Client client(settings.state_dir);
    for (const auto& assignment : options.assignments) {
        const auto equals = assignment.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error(ErrorKind::usage, fmt::format("'{}' is not KEY=VALUE", assignment),
                        "for example: pgwraith set FILE copy.chunk_target=200ms");
        }
        say(client.set(assignment.substr(0, equals), assignment.substr(equals + 1)));
    }
    return 0;
}

int abort(const config::Settings& settings) {
    start_logging("warn");
    const Client client(settings.state_dir);
    bool was_running = true;
    try {
        const bool rehearsal = client.status().value("rehearsal", false);
        say(client.abort());
        wait_until_gone(client);
        say("the process has ended");
        // What was done before the rehearsal stays recorded.
        if (rehearsal && !store::Store::exists(settings.state_dir)) return say("nothing of the rehearsal is left");
    } catch (const NotRunning&) {
        was_running = false;
    }
    // Also after a process that cleaned up itself: what it left, if anything, is found now.
    const auto aborted = wait_for(migration::abort_migration(settings, announce_found));
    remove_dead_socket(settings.state_dir);
    if (!aborted.removed.empty()) {
        say("removed:");
        for (const auto& line : aborted.removed) say("  " + line);
        const auto table = control::display_name(settings.table);
        for (const auto& kept : aborted.kept) say("cannot be taken back: " + kept);
        if (!aborted.kept.empty()) return say(fmt::format("everything else of the migration of {} is gone", table));
        const char* but = aborted.identity_stays ? ", but for its replica identity" : "";
        if (!aborted.swapped) return say(fmt::format("{} is as it was{}", table, but));
        if (!settings.expand.empty()) {
            return say(fmt::format("the old columns of {} are gone: it keeps its new shape, which cannot be taken back",
                                   table));
        }
        say(fmt::format("{} has been swapped and keeps its new shape", table));
        if (!aborted.left.empty()) say("these statements were to follow; run those that have not been yet:");
        for (const auto& statement : aborted.left) say("  " + statement + ";");
        return 0;
    }
    return say(was_running ? "nothing of the migration is left"
                           : "nothing to do: there is nothing of this migration, neither a process, nor in the "
                             "database, nor in the state directory");
}

}  // namespace pgwraith::cli
