// The commands that talk to a running migration, and what they do when there is none.
#include <fmt/format.h>

#include <cstdio>
#include <thread>

#include "commands.h"
#include "pgwraith/control/client.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/server.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/store/store.h"
#include "terminal.h"
#include "wait.h"

namespace pgwraith::cli {

using control::Client;
using control::NotRunning;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds abort_patience{120};
constexpr milliseconds abort_poll{200};

int say(const std::string& sentence) {
    std::fputs((sentence + "\n").c_str(), stdout);
    return 0;
}

// What a stopped migration's directory tells. Never changes what is recorded there.
json stored_state(const config::Settings& settings) {
    json known = {{"running", false}, {"table", control::display_name(settings.table)}, {"state", nullptr}};
    if (!store::Store::exists(settings.state_dir)) return known;
    try {
        const auto store = store::Store::open(settings.state_dir, false);
        const auto chunks = store->journal().chunks();
        std::uint64_t done = 0, rows = 0;
        for (const auto& chunk : chunks) {
            if (!chunk.done) continue;
            ++done;
            rows += chunk.rows;
        }
        known["state"] = {{"phase", store->journal().get("phase").value_or(json())},
                          {"chunks_copied", done},
                          {"rows_copied", rows},
                          {"pending_changes", store->ledger().pending_estimate()}};
    } catch (const Error& error) {
        known["state"] = {{"error", error.message()}, {"hint", error.hint()}};
    }
    return known;
}

std::string phase_text(const json& phase) {
    if (phase.is_string()) return phase.get<std::string>();
    if (phase.is_object()) {
        for (const char* key : {"phase", "name"}) {
            if (phase.contains(key) && phase.at(key).is_string()) return phase.at(key).get<std::string>();
        }
    }
    return phase.is_null() ? "not recorded" : phase.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string stored_text(const json& known, const config::Settings& settings) {
    const json& state = known.at("state");
    std::string out = "no process is running for this migration\n";
    if (state.is_null()) {
        return out + fmt::format("{} holds no state: the migration has not begun, or has ended and cleaned up\n",
                                 settings.state_dir.string());
    }
    if (state.contains("error")) {
        return out + fmt::format("its state in {} cannot be read: {}\n", settings.state_dir.string(),
                                 state.at("error").get<std::string>());
    }
    std::vector<std::vector<std::string>> rows = {
        {"table", known.at("table").get<std::string>()},
        {"stopped in phase", phase_text(state.at("phase"))},
        {"copied", fmt::format("{} rows in {} chunks", format_count(state.at("rows_copied").get<std::uint64_t>()),
                               format_count(state.at("chunks_copied").get<std::uint64_t>()))},
        {"pending changes", "about " + format_count(state.at("pending_changes").get<std::uint64_t>())},
        {"state", settings.state_dir.string()}};
    return out + control::aligned(rows, 0) +
           "`pgwraith run` carries on; `pgwraith abort` drops everything. Until then its replication slot keeps WAL "
           "on the server.\n";
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
    std::filesystem::remove(state_dir, error);  // stays when something else is in it
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
        return exit_status(ErrorKind::stopped);
    }
}

int pause(const config::Settings& settings) { return say(Client(settings.state_dir).pause()); }
int resume(const config::Settings& settings) { return say(Client(settings.state_dir).resume()); }
int cutover(const config::Settings& settings) { return say(Client(settings.state_dir).cutover()); }

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
        say(client.abort());
        wait_until_gone(client);
        say("the process has ended");
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
        if (!aborted.swapped) return say(fmt::format("{} is as it was", table));
        say(fmt::format("{} has been swapped and keeps its new shape", table));
        if (!aborted.left.empty()) say("these statements were to follow; run those that have not been yet:");
        for (const auto& statement : aborted.left) say("  " + statement + ";");
        return 0;
    }
    return say(was_running ? "nothing of the migration is left: shadow table, slot, publication and state are gone"
                           : "nothing to do: there is nothing of this migration, neither a process, nor in the "
                             "database, nor in the state directory");
}

}  // namespace pgwraith::cli
