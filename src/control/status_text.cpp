// `status` for people, and what `verify` says at its end.
#include <fmt/format.h>

#include <utility>

#include "json_values.h"
#include "pgwraith/control/display.h"

namespace pgwraith::control {

using nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

namespace {

constexpr const char* plain = "\x1b[0m";
constexpr const char* faint = "\x1b[2m";

const char* colour_of(const std::string& health) {
    if (health == "well") return "\x1b[1;32m";
    if (health == "waits") return "\x1b[1;36m";
    if (health == "held") return "\x1b[1;33m";
    return "\x1b[1;31m";
}

std::string duration_at(const json& status, const char* key) {
    return format_duration(milliseconds(number(status, key)));
}

std::string size_at(const json& status, const char* key) { return format_size(number(status, key)); }
std::string count_at(const json& status, const char* key) { return format_count(number(status, key)); }

std::string signal_value(const json& value, const std::string& unit) {
    if (!value.is_number()) return "-";
    const double number = value.get<double>();
    if (unit == "ms" && number < 1'000) return fmt::format("{:.1f}ms", number);
    if (unit == "ms") return format_duration(milliseconds(static_cast<std::int64_t>(number)));
    if (unit == "bytes") return format_size(static_cast<std::uint64_t>(std::max(0.0, number)));
    if (unit == "bytes/s") return format_size(static_cast<std::uint64_t>(std::max(0.0, number))) + "/s";
    return fmt::format("{:g}{}{}", number, unit.empty() ? "" : " ", unit);
}

void add_signals(Rows& rows, const json& status) {
    const auto found = status.find("signals");
    if (found == status.end() || !found->is_array()) return;
    std::string title = "signals";
    for (const auto& signal : *found) {
        const auto unit = text(signal, "unit");
        const auto limit = signal.contains("limit") && signal.at("limit").is_number()
                               ? " of " + signal_value(signal.at("limit"), unit)
                               : "";
        rows.push_back(
            {std::exchange(title, ""),
             fmt::format("{} {}{}{}", text(signal, "name"), signal_value(signal.value("value", json()), unit), limit,
                         yes(signal, "holds") ? ": holds for " + duration_at(signal, "since_ms") : "")});
    }
}

std::string phase_text(const json& status) {
    std::string out = text(status, "phase");
    const double percent = present(status, "percent") ? status.at("percent").get<double>() : 0;
    if (percent > 0) out += fmt::format(", {:.1f}%", percent);
    if (present(status, "eta_ms")) out += ", ETA " + format_eta(milliseconds(number(status, "eta_ms")));
    if (present(status, "eta_total_ms")) {
        out += ", ready for the swap in about " + format_eta(milliseconds(number(status, "eta_total_ms")));
    }
    return out;
}

// What there is only with a shadow table.
void add_shadow(Rows& rows, const json& status) {
    const auto estimate = number(status, "row_estimate");
    rows.push_back({"rows", fmt::format("{} copied{}, {} rows/s", count_at(status, "rows_copied"),
                                        estimate > 0 ? " of about " + format_count(estimate) : "",
                                        count_at(status, "rows_per_second"))});
    rows.push_back({"verified", fmt::format("{} rows of the old table, {} of the new one, {} differences repaired",
                                            count_at(status, "rows_verified"), count_at(status, "shadow_rows_verified"),
                                            count_at(status, "differences_repaired"))});
    rows.push_back({"changes", fmt::format("{} received ({}/s), {} applied ({}/s), about {} pending in {}",
                                           count_at(status, "changes_received"), count_at(status, "changes_per_second"),
                                           count_at(status, "changes_applied"), count_at(status, "applied_per_second"),
                                           count_at(status, "pending_changes"), size_at(status, "ledger_bytes"))});
    const json stream = present(status, "stream") ? status.at("stream") : json::object();
    const auto late = present(stream, "lag_ms") ? ", " + duration_at(stream, "lag_ms") : "";
    rows.push_back({"stream", fmt::format("{}{} behind", size_at(status, "stream_lag_bytes"), late)});
    if (present(status, "stream")) {
        rows.back().back() += fmt::format("; received {}, durable {}, acknowledged {}", text(stream, "received_lsn"),
                                          text(stream, "durable_lsn"), text(stream, "acknowledged_lsn"));
    }
    std::string wal = size_at(status, "retained_wal_bytes") + " kept by the slot";
    if (present(status, "safe_wal_bytes"))
        wal += fmt::format(", {} more are allowed", size_at(status, "safe_wal_bytes"));
    if (present(status, "wal_left_ms")) {
        wal += fmt::format(" (full in about {})", format_eta(milliseconds(number(status, "wal_left_ms"))));
    }
    rows.push_back({"WAL", wal});
    if (present(status, "replica_lag_ms"))
        rows.push_back({"replicas", duration_at(status, "replica_lag_ms") + " behind"});
    if (present(status, "replica_identity")) rows.push_back({"identity", text(status, "replica_identity")});
}

void add_work(Rows& rows, const json& status) {
    rows.push_back(
        {"workers", fmt::format("{} busy, {} allowed by the signals, {} wanted", number(status, "workers_busy"),
                                number(status, "workers_allowed"), number(status, "workers_wanted"))});
    if (!present(status, "chunk_ms")) return;
    const auto blocks = number(status, "chunk_blocks");
    rows.push_back(
        {"chunk", fmt::format("{} of {}{}", duration_at(status, "chunk_ms"), duration_at(status, "chunk_target_ms"),
                              blocks > 0 ? fmt::format(", {} blocks", format_count(blocks)) : "") +
                      (text(status, "copy_method") == "copy" ? ", by COPY" : "")});
}

void add_swap(Rows& rows, const json& status) {
    std::string out = fmt::format("{}, {} attempts", text(status, "mode"), count_at(status, "cutover_attempts"));
    if (present(status, "swap")) out += "; " + text(status, "swap");
    rows.push_back({"cutover", out});
    std::string blocks;
    if (present(status, "swap_estimate_ms")) {
        blocks = fmt::format("others would wait about {:.0f} ms for the last changes",
                             status.at("swap_estimate_ms").get<double>());
    }
    if (present(status, "blocked_ms")) {
        blocks += fmt::format("{}others have waited {:.1f} ms at most", blocks.empty() ? "" : "; ",
                              status.at("blocked_ms").get<double>());
    }
    if (!blocks.empty()) rows.push_back({"blocks", blocks});
    const auto ended = number(status, "blockers_terminated");
    if (ended > 0) rows.push_back({"ended", format_count(ended) + " sessions that stood in the way"});
}

Rows rows_of(const json& status) {
    Rows rows;
    rows.push_back({"table", text(status, "table")});
    if (yes(status, "rehearsal")) rows.push_back({"rehearsal", "all but the last step, then back"});
    rows.push_back({"phase", phase_text(status)});
    if (!text(status, "activity").empty()) rows.push_back({"doing", text(status, "activity")});
    if (present(status, "throttled")) rows.push_back({"throttled", text(status, "throttled")});
    if (present(status, "versions")) rows.push_back({"versions", text(status, "versions")});
    if (text(status, "way") != "steps") add_shadow(rows, status);
    add_work(rows, status);
    add_signals(rows, status);
    add_swap(rows, status);
    rows.push_back({"elapsed", fmt::format("{}, {} of it throttled, {} reconnects", duration_at(status, "elapsed_ms"),
                                           duration_at(status, "throttled_ms"), count_at(status, "reconnects"))});
    if (present(status, "last_error")) {
        const auto& last = status.at("last_error");
        rows.push_back({"last error", fmt::format("{} ago: {}", duration_at(last, "ago_ms"), text(last, "what"))});
    }
    rows.push_back({"process", fmt::format("pid {}", number(status, "pid"))});
    return rows;
}

// The labels are faint, so that the eye finds the values.
std::string table_of(const Rows& rows, bool colour) {
    auto lines = aligned(rows, 0);
    if (!colour) return lines;
    std::string out;
    std::size_t at = 0;
    for (const auto& row : rows) {
        const auto end = lines.find('\n', at);
        const auto label = row.front().size();
        out += faint + lines.substr(at, label) + plain + lines.substr(at + label, end - at - label) + "\n";
        at = end + 1;
    }
    return out;
}

}  // namespace

std::string headline_line(const json& status, bool colour) {
    const auto health = text(status, "health");
    if (health.empty()) return "in phase " + text(status, "phase");  // of a process that is older
    auto out = colour ? colour_of(health) + health + plain : health;
    out += ": " + text(status, "headline");
    const auto next = text(status, "next");
    return out + (next.empty() ? "" : "; " + next);
}

std::string status_text(const json& status, bool colour) {
    return headline_line(status, colour) + "\n" + table_of(rows_of(status), colour);
}

std::string stored_text(const json& status, const std::string& state_dir, bool colour) {
    auto out = headline_line(status, colour) + "\n";
    if (!present(status, "phase")) return out;
    Rows rows = {{"table", text(status, "table")},
                 {"stopped in phase", text(status, "phase") + (yes(status, "rehearsal") ? ", of a rehearsal" : "")}};
    if (text(status, "way") != "steps") {
        rows.push_back({"copied", count_at(status, "rows_copied") + " rows"});
        rows.push_back({"pending changes", "about " + count_at(status, "pending_changes")});
    }
    if (present(status, "versions")) rows.push_back({"versions", text(status, "versions")});
    if (present(status, "replica_identity")) rows.push_back({"identity", text(status, "replica_identity")});
    rows.push_back({"state", state_dir});
    return out + table_of(rows, colour);
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

}  // namespace pgwraith::control
