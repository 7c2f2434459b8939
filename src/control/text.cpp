// The longer texts: status, summary and plan.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/control/display.h"
#include "pgwraith/migration/migration.h"

namespace pgwraith::control {

using migration::Progress;
using nlohmann::json;

namespace {

// A process of another version may answer without a key that this one knows.
std::uint64_t number(const json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_number() ? static_cast<std::uint64_t>(std::max(0.0, found->get<double>()))
                                                       : 0;
}

std::string text(const json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_string() ? fit(found->get<std::string>(), 400) : std::string();
}

bool present(const json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && !found->is_null();
}

std::string duration_at(const json& status, const char* key) {
    return format_duration(milliseconds(number(status, key)));
}

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

std::string signal_value(const json& value, const std::string& unit) {
    if (!value.is_number()) return "-";
    const double number = value.get<double>();
    if (unit == "ms" && number < 1'000) return fmt::format("{:.1f}ms", number);
    if (unit == "ms") return format_duration(milliseconds(static_cast<std::int64_t>(number)));
    if (unit == "bytes") return format_size(static_cast<std::uint64_t>(std::max(0.0, number)));
    if (unit == "bytes/s") return format_size(static_cast<std::uint64_t>(std::max(0.0, number))) + "/s";
    return fmt::format("{:g}{}{}", number, unit.empty() ? "" : " ", unit);
}

void add_signals(std::vector<std::vector<std::string>>& rows, const json& status) {
    const auto found = status.find("signals");
    if (found == status.end() || !found->is_array()) return;
    std::string title = "signals";
    for (const auto& signal : *found) {
        const auto unit = text(signal, "unit");
        const auto limit = signal.contains("limit") && signal.at("limit").is_number()
                               ? " of " + signal_value(signal.at("limit"), unit)
                               : "";
        const bool holds = signal.value("holds", false);
        rows.push_back(
            {std::exchange(title, ""),
             fmt::format("{} {}{}{}", text(signal, "name"), signal_value(signal.value("value", json()), unit), limit,
                         holds ? ": too much for " + duration_at(signal, "since_ms") : "")});
    }
}

// What there is only with a shadow table.
void add_shadow(std::vector<std::vector<std::string>>& rows, const json& status) {
    rows.push_back({"rows", fmt::format("{} copied of about {}, {} rows/s", format_count(number(status, "rows_copied")),
                                        format_count(number(status, "row_estimate")),
                                        format_count(number(status, "rows_per_second")))});
    rows.push_back({"changes", fmt::format("{} received, {} applied, about {} pending",
                                           format_count(number(status, "changes_received")),
                                           format_count(number(status, "changes_applied")),
                                           format_count(number(status, "pending_changes")))});
    rows.push_back(
        {"lag",
         fmt::format("stream {}{}; retained WAL {}", format_size(number(status, "stream_lag_bytes")),
                     present(status, "replica_lag_ms") ? ", replicas " + duration_at(status, "replica_lag_ms") : "",
                     format_size(number(status, "retained_wal_bytes")))});
    if (present(status, "replica_identity")) rows.push_back({"identity", text(status, "replica_identity")});
    rows.push_back({"verified", fmt::format("{} rows of the old table, {} of the new one, {} differences repaired",
                                            format_count(number(status, "rows_verified")),
                                            format_count(number(status, "shadow_rows_verified")),
                                            format_count(number(status, "differences_repaired")))});
}

}  // namespace

std::string status_text(const json& status) {
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"table", text(status, "table")});
    if (present(status, "rehearsal") && status.at("rehearsal") == true) {
        rows.push_back({"rehearsal", "all but the last step, then back"});
    }
    const double percent = present(status, "percent") ? status.at("percent").get<double>() : 0;
    rows.push_back(
        {"phase",
         text(status, "phase") + (percent > 0 ? fmt::format(", {:.1f}%", percent) : "") +
             (present(status, "eta_ms") ? ", ETA " + format_eta(milliseconds(number(status, "eta_ms"))) : "")});
    if (!text(status, "activity").empty()) rows.push_back({"doing", text(status, "activity")});
    if (present(status, "throttled")) rows.push_back({"throttled", text(status, "throttled")});
    if (text(status, "way") != "steps") add_shadow(rows, status);
    add_signals(rows, status);
    rows.push_back({"workers", fmt::format("{} of each kind at this moment", number(status, "workers_allowed"))});
    rows.push_back({"cutover", fmt::format("{}, {} attempts", text(status, "mode"),
                                           format_count(number(status, "cutover_attempts")))});
    rows.push_back(
        {"elapsed", fmt::format("{}, {} of it throttled, {} reconnects", duration_at(status, "elapsed_ms"),
                                duration_at(status, "throttled_ms"), format_count(number(status, "reconnects")))});
    rows.push_back({"process", fmt::format("pid {}", number(status, "pid"))});
    return aligned(rows, 0);
}

namespace {

std::string longest_wait(const Progress& progress) {
    if (progress.direct && progress.cutover_attempts == 0)
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
                          : fmt::format("{} is expanded: {}.\n", table, versions_text(progress.phase));
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

std::string verification_text(const json& status) {
    const json done = present(status, "last_verification") ? status.at("last_verification") : json::object();
    const auto repaired = number(done, "repaired");
    std::string out = fmt::format("verified: {} rows of {} against {} rows of the new table, {} differences repaired\n",
                                  format_count(number(done, "rows_live")), text(status, "table"),
                                  format_count(number(done, "rows_shadow")), format_count(repaired));
    if (repaired > 0) out += "the log of `pgwraith run` names them if the configuration says `log.row_values: true`\n";
    return out;
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
    if (!plan.refusals.empty()) out += "\nRefused, and so would `pgwraith run` be:\n";
    for (const auto& refusal : plan.refusals) {
        out += "  - " + refusal.reason + "\n";
        if (!refusal.remedy.empty()) out += indented(refusal.remedy, 4);
    }
    return out;
}

}  // namespace pgwraith::control
