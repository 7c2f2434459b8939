#include "pgwraith/control/headline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/control/display.h"

namespace pgwraith::control {

using migration::Phase;
using migration::Progress;

namespace {

// Less than this until the server takes the slot is no time to lose.
constexpr std::chrono::hours wal_soon{1};
// So many attempts are no bad luck any more.
constexpr std::uint32_t attempts_are_trouble = 5;

std::string in(Clock::time_point moment, Clock::time_point now) {
    return format_eta(std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(moment - now)));
}

std::optional<Headline> without_server(const Progress& progress, Clock::time_point now) {
    if (!progress.outage) return std::nullopt;
    const auto& outage = *progress.outage;
    const auto next = fmt::format("tried again in {}", in(outage.next, now));
    if (!outage.gives_up) {
        return Headline{Health::waits, outage.why, next + ", for as long as it takes"};
    }
    return Headline{Health::trouble, outage.why,
                    fmt::format("{}; stops in {}, its state kept", next, in(*outage.gives_up, now))};
}

std::optional<Headline> trouble(const Progress& progress) {
    if (!progress.drift.empty() && progress.phase < Phase::cutover) {
        return Headline{
            Health::trouble,
            fmt::format("the table was altered, and the new one would lack that: {}", fmt::join(progress.drift, "; ")),
            "undo it before the swap, or `pgwraith abort` and start anew"};
    }
    if (progress.wal_left_for && *progress.wal_left_for < wal_soon) {
        return Headline{
            Health::trouble,
            fmt::format("the server takes the slot in about {}: it keeps {} of WAL, and {} more are allowed",
                        format_eta(*progress.wal_left_for), format_size(progress.retained_wal_bytes),
                        format_size(static_cast<std::uint64_t>(
                            std::max<std::int64_t>(0, progress.safe_wal_bytes.value_or(0))))),
            "raise max_slot_wal_keep_size, or find out what holds the stream up"};
    }
    if (progress.phase == Phase::catch_up && progress.falls_behind) {
        return Headline{
            Health::trouble, progress.activity.text,
            "wait for a quieter hour; if keys wait: stop it, raise apply.workers in its file, and run it again"};
    }
    return std::nullopt;
}

std::string where(const Progress& progress) {
    return fmt::format(" (phase {})", migration::phase_name(progress.phase));
}

std::optional<Headline> held(const Progress& progress, Clock::time_point now) {
    if (progress.phase == Phase::going_back) return std::nullopt;
    if (progress.paused) {
        const auto since = std::chrono::duration_cast<milliseconds>(now - *progress.paused);
        return Headline{Health::held,
                        fmt::format("paused by the operator for {}{}", format_eta(since), where(progress)),
                        "`pgwraith resume` lets it go on"};
    }
    if (!progress.throttled) return std::nullopt;
    return Headline{Health::held, *progress.throttled + where(progress), "it goes on by itself when that is over"};
}

// Locks that others hold, a word, an hour.
std::optional<Headline> waits(const Progress& progress) {
    const auto& [activity, why] = progress.activity;
    if (why == Waits::called_off) {
        const bool long_ago = progress.cutover_attempts >= attempts_are_trouble;
        return Headline{long_ago ? Health::trouble : Health::waits, activity,
                        long_ago ? "end what holds the lock, or see cutover.terminate_blockers and cutover.window"
                                 : "it is tried again by itself"};
    }
    if (progress.phase == Phase::ready && why != Waits::server) {
        return Headline{Health::waits, "ready" + (activity.empty() ? "" : ": " + activity),
                        progress.direct ? "the table is as the steps before left it"
                                        : "changes are applied meanwhile; `pgwraith verify` compares all rows again"};
    }
    if (why == Waits::no) return std::nullopt;
    return Headline{Health::waits, activity + where(progress), "it goes on by itself"};
}

const char* doing(Phase phase) {
    switch (phase) {
        case Phase::prepare:
            return "preparing";
        case Phase::steps:
            return "changing the table step by step";
        case Phase::compare:
            return "comparing old and new columns";
        case Phase::expanded:
            return "old and new columns stand side by side";
        case Phase::contract:
            return "dropping the old columns";
        case Phase::copy:
            return "copying";
        case Phase::build:
            return "building indexes";
        case Phase::catch_up:
            return "applying the changes since the copy";
        case Phase::verify:
            return "comparing all rows";
        case Phase::ready:
            return "ready";
        case Phase::cutover:
            return "swapping";
        case Phase::going_back:
            return "going back";
        case Phase::done:
            return "done: the table has its new shape";
    }
    return "";
}

std::string what_follows(const Progress& progress, const config::Settings& settings) {
    const auto phase = progress.phase;
    if (phase == Phase::done) return "what is left is cleared up";
    if (phase == Phase::going_back) return "what was measured is printed in the end";
    if (phase == Phase::expanded) return "`pgwraith contract` drops the old ones";
    if (phase == Phase::contract || progress.contracts) return "then only new versions of the application run";
    if (progress.rehearsal) return "then the last step is tried, and it goes back";
    if (progress.expands) return "then both versions of the application may run";
    if (phase == Phase::cutover) return "the table has its new shape then";
    // Somebody's wish counts more than the mode.
    if (!progress.swap_when.empty()) {
        return fmt::format("{}: {}", progress.direct ? "the next step that stops readers" : "the swap",
                           progress.swap_when);
    }
    const bool manual = settings.cutover.mode == config::CutoverMode::manual;
    const char* last = progress.direct ? "the steps that stop readers" : "the swap";
    if (manual) return fmt::format("`pgwraith cutover` is awaited before {}", last);
    return fmt::format("{} {} by {}", last, progress.direct ? "follow" : "follows",
                       progress.direct ? "themselves" : "itself");
}

}  // namespace

std::optional<std::string> waits_name(Waits waits) {
    switch (waits) {
        case Waits::no:
            return std::nullopt;
        case Waits::server:
            return "server";
        case Waits::others:
            return "others";
        case Waits::called_off:
            return "called_off";
    }
    return std::nullopt;
}

const char* health_name(Health health) {
    switch (health) {
        case Health::well:
            return "well";
        case Health::waits:
            return "waits";
        case Health::held:
            return "held";
        case Health::trouble:
            return "trouble";
        case Health::stopped:
            return "stopped";
    }
    return "unknown";
}

Headline headline_without_process(const std::optional<Progress>& known, const config::Settings& settings,
                                  const std::optional<std::string>& done) {
    constexpr auto stopped = Health::stopped;
    if (!known && done) {
        return {stopped, fmt::format("no process is running: the table has its new shape since {}", *done),
                "nothing is left to do"};
    }
    if (!known) {
        return {stopped,
                fmt::format("no process is running for this migration: {} holds no state, so it has not begun, or has "
                            "ended and cleaned up",
                            settings.state_dir.string()),
                "`pgwraith plan` says what `pgwraith run` would do"};
    }
    const auto what = fmt::format("no process is running for this migration: it stopped in phase {}",
                                  migration::phase_name(known->phase));
    const char* wal = known->slot ? "; until then its replication slot keeps WAL on the server" : "";
    if (known->phase == Phase::done) {
        return {stopped, "no process is running: the table has its new shape, and keeps it",
                "`pgwraith run` does what is left, `pgwraith abort` says what that is"};
    }
    if (known->aborting) {
        return {stopped,
                "no process is running for this migration: an abort has begun to take it back and has not come to its "
                "end",
                fmt::format("`pgwraith abort` goes on with it; nothing else does{}", wal)};
    }
    if (known->rehearsal) {
        return {stopped, what + ", of a rehearsal",
                fmt::format("`pgwraith rehearse` carries on and goes back in the end; `pgwraith abort` goes back at "
                            "once{}",
                            wal)};
    }
    if (known->phase == Phase::expanded) {
        return {Health::well, "old and new columns stand side by side; no process is needed for that",
                "`pgwraith contract` drops the old ones, `pgwraith abort` the new ones"};
    }
    if (known->phase == Phase::contract) {
        return {stopped, what, "`pgwraith contract` carries on"};
    }
    return {stopped, what,
            fmt::format("`pgwraith run` carries on; `pgwraith abort` {}{}", migration::what_abort_does(known->direct),
                        wal)};
}

Headline headline(const Progress& progress, const config::Settings& settings, double percent, Clock::time_point now) {
    if (progress.aborting) {
        return {Health::waits, "aborting" + (progress.activity.text.empty() ? "" : ": " + progress.activity.text),
                "what was made is dropped, then the process ends"};
    }
    if (auto away = without_server(progress, now)) return *away;
    if (progress.phase != Phase::done) {
        if (auto bad = trouble(progress)) return *bad;
        if (auto by = held(progress, now)) return *by;
        if (auto why = waits(progress)) return *why;
    }
    std::string what = doing(progress.phase);
    if (progress.units_total > 0 && progress.phase != Phase::done) what += fmt::format(", {:.1f}%", percent);
    if (progress.eta_total) {
        const char* end = progress.direct && !progress.expands ? "done" : "ready";
        what += fmt::format(", {} in about {}", end, format_eta(*progress.eta_total));
    } else if (progress.eta) {
        const char* part = progress.phase == Phase::steps ? "step" : "phase";
        what += fmt::format(", the {} takes {} more", part, format_eta(*progress.eta));
    }
    return {Health::well, what, what_follows(progress, settings)};
}

}  // namespace pgwraith::control
