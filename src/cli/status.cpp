// `pgwraith status`, once or again and again.
#include <fmt/format.h>

#include <cstdio>

#include "commands.h"
#include "interrupt.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/status.h"
#include "pgwraith/migration/migration.h"
#include "screen.h"
#include "target.h"
#include "wait.h"

namespace pgwraith::cli {

using nlohmann::json;

namespace {

// What a stopped migration's directory tells, in the words of a running one's status; a phase of null: nothing is
// recorded. Takes no lock: a client that asks all the time never stands in a starting `run`'s way.
json stored_state(const config::Settings& settings) {
    std::optional<migration::Progress> known;
    std::optional<Error> unreadable;
    try {
        known = wait_for(migration::read_progress(settings));
    } catch (const Error& error) {
        unreadable = error;
    }
    return control::stored_json(known, settings, migration::done_since(settings), unreadable ? &*unreadable : nullptr);
}

json ask(const Target& target) {
    try {
        auto now = target.client().status();
        now["running"] = true;
        // Its state directory knows more in a moment.
        if (target.settings() != nullptr) now["end"] = nullptr;
        return now;
    } catch (const control::NotRunning&) {
        if (target.settings() == nullptr) throw;
        return stored_state(*target.settings());
    }
}

// Of a process elsewhere nothing is known once it is gone. So it is over when it says so.
bool is_over(const json& status) { return status.at("running") == false || status.value("end", json()).is_object(); }

std::string end_text(const json& status) {
    const auto end = failed_end(status);
    if (!end) return "the process has ended: done\n";
    return fmt::format("the process has ended: {}\n{}", end->message(),
                       end->hint().empty() ? "" : "hint: " + end->hint() + "\n");
}

int exit_status_of(const json& status) {
    if (!is_over(status)) return 0;
    // No process is needed while both versions stand side by side.
    const bool expanded = status.at("phase") == migration::phase_name(migration::Phase::expanded) &&
                          status.at("rehearsal") == false && status.at("aborting") == false;
    return expanded ? 0 : exit_status(ErrorKind::stopped);
}

std::string text_of(const json& status, const Target& target, const Options& options, bool coloured) {
    if (options.json && options.watch) return status.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    if (options.json) return control::json_text(status);
    if (status.at("running") == true) return control::status_text(status, coloured);
    return control::stored_text(status, target.settings()->state_dir.string(), coloured);
}

constexpr int refused_limit = 3;

milliseconds interval_of(const Options& options) {
    const auto interval = parse_duration(options.interval);
    if (interval && *interval >= milliseconds{100}) return *interval;
    throw Error(ErrorKind::usage, fmt::format("--interval: '{}' is not a duration of 100ms or more", options.interval),
                "for example: --interval 2s");
}

// Until no process runs any more; the last picture stays.
int watch(const Target& target, const Options& options) {
    const auto interval = interval_of(options);
    Screen screen;
    std::string last;
    int refused = 0;
    try {
        for (;;) {
            json status;
            std::string unanswered;
            try {
                status = ask(target);
                refused = 0;
            } catch (const control::NotRunning& error) {
                // A tunnel or a proxy may be away for a moment.
                if (last.empty() || ++refused > refused_limit) throw;
                unanswered = error.message();
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::stopped || last.empty()) throw;
                unanswered = error.message();  // it may be busy, or ending
            }
            if (!unanswered.empty()) {
                screen.picture(options.json ? "" : "no answer: " + unanswered + "\n");
            } else if (!is_over(status)) {
                last = text_of(status, target, options, screen.coloured());
                screen.picture(screen.interactive() || options.json ? last : last + "\n");
            } else {
                screen.end_picture();
                std::fputs(text_of(status, target, options, screen.coloured()).c_str(), stdout);
                if (status.at("running") == true && !options.json) std::fputs(end_text(status).c_str(), stdout);
                return exit_status_of(status);
            }
            sleep_unless_interrupted(interval);
        }
    } catch (const Interrupted& interrupted) {
        const bool was_drawn = screen.interactive();
        screen.end_picture();
        if (was_drawn) std::fputs(last.c_str(), stdout);
        return interrupted.status;
    }
}

}  // namespace

Error not_running(const config::Settings& settings) {
    const auto known = stored_state(settings);
    return Error(ErrorKind::stopped, known.at("headline").get<std::string>(), known.at("next").get<std::string>());
}

int status(const Target& target, const Options& options) {
    if (options.watch) return watch(target, options);
    const auto status = ask(target);
    std::fputs(text_of(status, target, options, Screen().coloured()).c_str(), stdout);
    return exit_status_of(status);
}

}  // namespace pgwraith::cli
