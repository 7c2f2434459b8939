// What a rehearsal has found out, for people and as JSON.
#include <fmt/format.h>

#include "pgwraith/control/display.h"

namespace pgwraith::control {

using migration::Progress;
using migration::Rehearsed;
using migration::RehearsedStep;
using nlohmann::json;

namespace {

std::string ms(double value) { return fmt::format("{:.1f} ms", value); }

std::string times(const Progress& progress, const Rehearsed& rehearsed, Clock::time_point now) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [phase, took] : rehearsed.phases) rows.push_back({phase, format_duration(milliseconds{took})});
    rows.push_back({"way back", format_duration(milliseconds{static_cast<std::int64_t>(rehearsed.way_back_ms)})});
    const auto all = format_duration(std::chrono::duration_cast<milliseconds>(now - progress.started));
    rows.push_back({"in all", all + (rehearsed.interrupted ? ", without the process that was interrupted" : "")});
    if (progress.throttled_for.count() > 0) rows.push_back({"throttled", format_duration(progress.throttled_for)});
    return aligned(rows, 2);
}

std::string consists_of(const RehearsedStep& step) {
    std::string text;
    for (const auto& [part, took] : step.parts)
        text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", part, took);
    if (!text.empty() && !step.note.empty()) text += "; ";
    return text + fit(step.note, 300);
}

// `blocks`: measured to the moment at which the locks were given back, a commit added where it was a ROLLBACK.
std::string steps(const Rehearsed& rehearsed) {
    if (rehearsed.steps.empty()) return "";
    std::vector<std::vector<std::string>> rows{
        {"step", "was", "took", "attempts", "lock waited for", "blocks others", ""}};
    for (const auto& step : rehearsed.steps) {
        const bool locks = step.attempts > 0;
        const auto took = format_duration(milliseconds{static_cast<std::int64_t>(step.took_ms)});
        rows.push_back({fit(step.what, 60), step.how, step.how == "left out" ? "" : took,
                        locks ? std::to_string(step.attempts) : "", locks ? ms(step.waited_ms) : "",
                        locks ? ms(step.blocks_ms) : "", consists_of(step)});
    }
    return "\n" + aligned(rows, 2);
}

std::string others_waited(const Progress& progress) {
    if (!progress.blocked_ms) return "";
    return fmt::format("\n  others waited {} at most in this rehearsal{}\n", ms(*progress.blocked_ms),
                       progress.blocked_by.empty() ? "" : ", for " + fit(progress.blocked_by, 200));
}

const char* last_step(const Progress& progress) {
    if (progress.expands) return "the contraction";
    return progress.direct ? "what cannot be taken back, or would bind the application," : "the swap";
}

json step_json(const RehearsedStep& step) {
    json parts = json::object();
    for (const auto& [part, took] : step.parts) parts[part] = took;
    return {{"what", step.what},           {"how", step.how},
            {"note", step.note},           {"took_ms", step.took_ms},
            {"attempts", step.attempts},   {"waited_ms", step.waited_ms},
            {"blocks_ms", step.blocks_ms}, {"called_off_ms", step.called_off_ms},
            {"parts_ms", std::move(parts)}};
}

}  // namespace

std::string rehearsal_text(const Progress& progress, const config::Settings& settings, Clock::time_point now) {
    const auto table = display_name(settings.table);
    if (!progress.already_done.empty()) {
        return fmt::format("{} has its new shape already, since {}; nothing was rehearsed.\n", table,
                           progress.already_done);
    }
    if (!progress.rehearsed) return "";
    const auto& rehearsed = *progress.rehearsed;
    std::string text = rehearsed.failed.empty()
                           ? fmt::format(
                                 "{} was rehearsed: all but {} was done, and taken back. The table is as it "
                                 "was.\n",
                                 table, last_step(progress))
                           : fmt::format("The rehearsal of {} failed, and went back. The table is as it was.\n", table);
    text += times(progress, rehearsed, now) + steps(rehearsed) + others_waited(progress);
    for (const auto& kept : rehearsed.kept) text += "  cannot be taken back: " + kept + "\n";
    return text;
}

json rehearsal_json(const Progress& progress, const config::Settings& settings, Clock::time_point now,
                    const Error* error) {
    json phases = json::object();
    json done = json::array();
    const auto rehearsed = progress.rehearsed.value_or(Rehearsed());
    for (const auto& [phase, took] : rehearsed.phases) phases[phase] = took;
    for (const auto& step : rehearsed.steps) done.push_back(step_json(step));
    const bool gone_back = progress.rehearsed.has_value();
    return {{"table", display_name(settings.table)},
            {"way", progress.direct ? "steps" : "shadow"},
            {"succeeded", error == nullptr && gone_back},
            {"gone_back", gone_back},
            {"already_done", progress.already_done.empty() ? json() : json(progress.already_done)},
            {"error", error == nullptr ? json() : json(error->message())},
            {"hint", error == nullptr ? json() : json(error->hint())},
            {"interrupted", rehearsed.interrupted},
            {"phase_ms", std::move(phases)},
            {"way_back_ms", rehearsed.way_back_ms},
            {"elapsed_ms", std::chrono::duration_cast<milliseconds>(now - progress.started).count()},
            {"throttled_ms", progress.throttled_for.count()},
            {"steps", std::move(done)},
            {"kept", rehearsed.kept},
            {"blocked_ms", progress.blocked_ms ? json(*progress.blocked_ms) : json()},
            {"blocked_by", progress.blocked_by}};
}

}  // namespace pgwraith::control
