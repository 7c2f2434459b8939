// The longer texts: summary and plan.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/control/display.h"
#include "pgwraith/migration/migration.h"

namespace pgwraith::control {

using migration::Progress;
using nlohmann::json;

namespace {

// SQL goes through as it is written, but for what could play with the terminal.
std::string indented(const std::string& sql, std::size_t indent) {
    std::string out;
    for (std::size_t begin = 0; begin <= sql.size();) {
        const std::size_t end = std::min(sql.find('\n', begin), sql.size());
        out += std::string(indent, ' ') + fit(std::string_view(sql).substr(begin, end - begin), 10'000) + "\n";
        begin = end + 1;
    }
    return out;
}

std::string longest_wait(const Progress& progress) {
    // Earlier processes may have asked for locks that this one needed none of.
    if (progress.direct && progress.cutover_attempts == 0 && !progress.blocked_ms)
        return "others waited 0.0 ms: no lock stops readers or writers";
    if (!progress.blocked_ms) return "not measured";
    return fmt::format("others waited {:.1f} ms at most{}", *progress.blocked_ms,
                       progress.blocked_by.empty() ? "" : ", for " + progress.blocked_by);
}

std::string summary_of_steps(const Progress& progress, const config::Settings& settings, Clock::time_point now) {
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"steps", fmt::format("{} done, on the table itself", progress.units_done)});
    rows.push_back({"time", format_duration(std::chrono::duration_cast<milliseconds>(now - progress.started))});
    if (progress.throttled_for.count() > 0) rows.push_back({"throttled", format_duration(progress.throttled_for)});
    rows.push_back({"blocked", longest_wait(progress)});
    rows.push_back(
        {"locks", fmt::format("asked for {} times, {} reconnects", progress.cutover_attempts, progress.reconnects)});
    return display_name(settings.table) + " has its new shape.\n" + aligned(rows, 2);
}

// Of `run` with `expand`, and of `contract`.
std::string expansion_text(const Progress& progress, const config::Settings& settings, Clock::time_point now) {
    std::vector<std::vector<std::string>> rows;
    if (progress.rows_verified > 0) {
        rows.push_back({"rows", format_count(progress.rows_verified) + " compared, old and new columns agree"});
    }
    rows.push_back({"time", format_duration(std::chrono::duration_cast<milliseconds>(now - progress.started))});
    if (progress.throttled_for.count() > 0) rows.push_back({"throttled", format_duration(progress.throttled_for)});
    rows.push_back({"blocked", longest_wait(progress)});
    const auto table = display_name(settings.table);
    const auto what = progress.phase == migration::Phase::done
                          ? table + " is contracted: it has the new columns only.\n"
                          : fmt::format("{} is expanded: {}.\n", table, versions_text(progress));
    return what + aligned(rows, 2);
}

}  // namespace

std::string summary_text(const Progress& progress, const config::Settings& settings, Clock::time_point now) {
    if (!progress.already_done.empty()) {
        return fmt::format("{} has its new shape already, since {}; nothing was done.\n", display_name(settings.table),
                           progress.already_done);
    }
    if (progress.expands) return expansion_text(progress, settings, now);
    if (progress.direct) return summary_of_steps(progress, settings, now);
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"rows", format_count(progress.rows_copied) + " copied" +
                                (settings.verify == config::Verify::full || progress.verifications > 0
                                     ? fmt::format(", {} verified against {} of the new table, {} differences repaired",
                                                   format_count(progress.rows_verified),
                                                   format_count(progress.shadow_rows_verified),
                                                   format_count(progress.differences_repaired))
                                     : ", not verified (verify: off)")});
    if (!progress.unverified_columns.empty() && settings.verify == config::Verify::full) {
        rows.push_back({"left out", fmt::format("of the verification: {} (see the plan's warnings)",
                                                fmt::join(progress.unverified_columns, ", "))});
    }
    rows.push_back({"changes", fmt::format("{} received, {} applied", format_count(progress.changes_received),
                                           format_count(progress.changes_applied))});
    std::string phases;
    for (const auto& [phase, time] : progress.phase_times) {
        phases +=
            fmt::format("{}{} {}", phases.empty() ? ": " : ", ", migration::phase_name(phase), format_duration(time));
    }
    rows.push_back(
        {"time", format_duration(std::chrono::duration_cast<milliseconds>(now - progress.started)) + phases});
    if (progress.throttled_for.count() > 0) rows.push_back({"throttled", format_duration(progress.throttled_for)});
    rows.push_back({"blocked", longest_wait(progress)});
    const std::uint32_t retries = progress.cutover_attempts > 0 ? progress.cutover_attempts - 1 : 0;
    rows.push_back({"retries", fmt::format("{} of the cutover, {} reconnects", retries, progress.reconnects)});
    rows.push_back({"old table", progress.old_table.empty() ? "dropped" : "kept as " + progress.old_table});
    std::string text = display_name(settings.table) + " has its new shape.\n" + aligned(rows, 2);
    if (!progress.undone.empty()) text += "This is not done, see the errors above; fix the cause and run it:\n";
    for (const auto& statement : progress.undone) text += "  - " + statement + "\n";
    return text;
}

json plan_json(const migration::Plan& plan) {
    json steps = json::array(), columns = json::array(), refusals = json::array(), settings = json::object();
    for (const auto& [name, value] : plan.settings) settings[name] = value;
    for (const auto& step : plan.steps) {
        steps.push_back({{"what", step.what}, {"lock", step.lock}, {"sql", step.sql}, {"detail", step.detail}});
    }
    for (const auto& column : plan.columns) {
        columns.push_back({{"name", column.name},
                           {"type", column.type},
                           {"old_name", column.old_name},
                           {"expression", column.expression},
                           {"origin", column.origin}});
    }
    for (const auto& refusal : plan.refusals) {
        refusals.push_back({{"reason", refusal.reason},
                            {"object", refusal.object.empty() ? "table " + plan.table : refusal.object},
                            {"remedy", refusal.remedy}});
    }
    json locks = json::array();
    for (const auto& lock : plan.locks) {
        locks.push_back({{"kind", lock.kind}, {"name", lock.name}, {"mode", lock.mode}});
    }
    json parts = json::array();
    for (const auto& part : plan.parts) {
        parts.push_back({{"sql", part.sql},
                         {"summary", part.summary},
                         {"way", part.way},
                         {"why", part.why},
                         {"lock", part.lock},
                         {"reads_table", part.reads_table},
                         {"writes_rows", part.writes_rows},
                         {"rewrites", part.rewrites}});
    }
    return {{"table", plan.table},
            {"strategy", plan.strategy},
            {"way", plan.way.empty() ? json() : json(plan.way)},
            {"why", plan.way_why},
            {"duration", plan.duration},
            {"blocking", plan.blocking},
            {"before", plan.before},
            {"after", plan.after},
            {"parts", std::move(parts)},
            {"passed_over", plan.passed_over},
            {"left_out", plan.left_out},
            {"key", plan.key},
            {"key_index", plan.key_index},
            {"key_why", plan.key_why},
            {"replica_identity", plan.borrowed_identity.empty() ? json() : json(plan.borrowed_identity)},
            {"locks", std::move(locks)},
            {"settings", std::move(settings)},
            {"steps", std::move(steps)},
            {"columns", std::move(columns)},
            {"dropped_columns", plan.dropped_columns},
            {"space_bytes", plan.space_bytes},
            {"warnings", plan.warnings},
            {"refusals", std::move(refusals)}};
}

namespace {

// What people ask first: which way, how long, what is locked, what the application has to do.
std::string answer_text(const migration::Plan& plan) {
    std::vector<std::vector<std::string>> rows;
    const auto row = [&](const char* name, const std::string& value) {
        if (!value.empty()) rows.push_back({name, value});
    };
    row("way", plan.way.empty() ? "" : fmt::format("{} (strategy: {})", plan.way, plan.strategy));
    row("why", plan.way_why);
    row("takes", plan.duration.empty() ? "" : plan.duration + ", on a server that does little else");
    if (!plan.way.empty() && plan.refusals.empty()) {
        row("space", plan.space_bytes > 0 ? fmt::format("roughly {} more while it runs", format_size(plan.space_bytes))
                                          : std::string("next to none"));
    }
    row("locks", plan.blocking);
    for (const auto& line : plan.before) row("before it, the application", line);
    for (const auto& line : plan.after) row("after it, the application", line);
    if (!plan.key.empty()) {
        row("key", fmt::format("{}, of index {}{}{}", fmt::join(plan.key, ", "), plan.key_index,
                               plan.key_why.empty() ? "" : ": ", plan.key_why));
    }
    row("replica identity", plan.borrowed_identity);
    std::string settings;
    for (const auto& [name, value] : plan.settings) {
        settings += fmt::format("{}{} = {}", settings.empty() ? "" : ", ", name, fit(value, 200));
    }
    row("computed under", settings);
    return rows.empty() ? "" : aligned(rows, 2);
}

std::string parts_text(const migration::Plan& plan) {
    std::string out;
    for (const auto& part : plan.parts) {
        out += fmt::format("  {}: {}, {}\n", fit(part.summary, 200), part.way, part.why);
    }
    for (const auto& summary : plan.passed_over) out += fmt::format("  {}: nothing to do\n", fit(summary, 200));
    for (const auto& one : plan.left_out) out += fmt::format("  left out: {}\n", fit(one, 200));
    return out.empty() ? out : "\nEach part:\n" + out;
}

std::string steps_text(const migration::Plan& plan, bool verbose) {
    if (plan.steps.empty()) return "";
    std::string out = "\nSteps, and the lock each takes on the live table:\n";
    std::size_t number = 0;
    std::size_t hidden = 0;
    const auto say_hidden = [&] {
        if (hidden > 0) out += fmt::format("     ({} in it, see --verbose)\n", hidden);
        hidden = 0;
    };
    for (const auto& step : plan.steps) {
        if (step.detail && !verbose) {
            ++hidden;
            continue;
        }
        say_hidden();
        out += fmt::format("{:>3}. {}\n     lock: {}\n", ++number, step.what, step.lock.empty() ? "none" : step.lock);
        if (!step.sql.empty()) out += indented(step.sql, 7);
    }
    say_hidden();
    return out;
}

}  // namespace

std::string plan_text(const migration::Plan& plan, bool verbose) {
    std::string out = fmt::format("Plan for {} (nothing has been changed)\n", plan.table);
    out += answer_text(plan) + parts_text(plan) + steps_text(plan, verbose);
    if (!plan.columns.empty()) {
        std::vector<std::vector<std::string>> rows = {{"new column", "type", "from", "expression", "origin"}};
        for (const auto& column : plan.columns) {
            rows.push_back({column.name, column.type, column.old_name.empty() ? "-" : column.old_name,
                            fit(column.expression, 200), column.origin});
        }
        out += "\nColumns:\n" + aligned(rows, 2);
    }
    if (!plan.dropped_columns.empty()) out += fmt::format("\nDropped: {}\n", fmt::join(plan.dropped_columns, ", "));
    if (!plan.warnings.empty()) out += "\nWarnings:\n";
    for (const auto& warning : plan.warnings) out += "  - " + warning + "\n";
    if (!plan.refusals.empty()) out += "\nRefused, and so would a new migration be:\n";
    for (const auto& refusal : plan.refusals) {
        out += "  - " + refusal.reason + "\n";
        if (!refusal.remedy.empty()) out += indented(refusal.remedy, 4);
    }
    return out;
}

}  // namespace pgwraith::control
