#include "pgwraith/control/status.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace pgwraith::control {

using migration::Progress;

namespace {

template <typename T>
nlohmann::json or_null(const std::optional<T>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json or_null(const std::optional<milliseconds>& value) {
    return value ? nlohmann::json(value->count()) : nlohmann::json();
}

nlohmann::json or_null(const std::optional<migration::Verification>& value) {
    if (!value) return {};
    return {{"rows_live", value->rows_live}, {"rows_shadow", value->rows_shadow}, {"repaired", value->repaired}};
}

// A tenth of a millisecond is enough.
nlohmann::json rounded_or_null(const std::optional<double>& value) {
    return value ? nlohmann::json(std::round(*value * 10) / 10) : nlohmann::json();
}

nlohmann::json signals_json(const Progress& progress, Clock::time_point now) {
    auto list = nlohmann::json::array();
    for (const auto& signal : progress.signals) {
        const auto since = std::chrono::duration_cast<milliseconds>(now - signal.since);
        list.push_back({{"name", signal.name},
                        {"unit", signal.unit},
                        {"value", rounded_or_null(signal.value)},
                        {"limit", rounded_or_null(signal.limit)},
                        {"holds", signal.holds},
                        {"since_ms", std::max<std::int64_t>(0, since.count())},
                        {"why", signal.why.empty() ? nlohmann::json() : nlohmann::json(signal.why)}});
    }
    return list;
}

nlohmann::json commit_latency(const Progress& progress) {
    const auto found = std::ranges::find(progress.signals, "commit_latency", &throttle::SignalState::name);
    return found == progress.signals.end() ? nlohmann::json() : rounded_or_null(found->value);
}

std::string identifier(const std::string& name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool unquoted = !name.empty() && plain(name.front()) &&
                          std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || digit(c); });
    return unquoted ? name : quote_identifier(name);
}

}  // namespace

double PercentFloor::update(const Progress& progress) {
    if (phase_ != progress.phase) {
        phase_ = progress.phase;
        floor_ = 0;
    }
    const double fraction = progress.fraction();
    const double percent = std::isfinite(fraction) ? std::floor(std::clamp(fraction, 0.0, 1.0) * 1000) / 10 : 0;
    floor_ = std::max(floor_, percent);
    return floor_;
}

std::string versions_text(migration::Phase phase) {
    using migration::Phase;
    switch (phase) {
        case Phase::expanded:
        case Phase::contract:
            return "old and new versions of the application may run side by side; `pgwraith contract` ends that when "
                   "no old one is left, `pgwraith abort` when no new one is";
        case Phase::done:
            return "new versions of the application only";
        default:
            return "old versions of the application only, until the state is `expanded`";
    }
}

std::string display_name(const QualifiedName& name) {
    if (name.schema.empty()) return identifier(name.name);
    return identifier(name.schema) + "." + identifier(name.name);
}

nlohmann::json status_json(const Progress& progress, const config::Settings& settings, double percent,
                           Clock::time_point now) {
    nlohmann::json phase_ms = nlohmann::json::object();
    for (const auto& [phase, time] : progress.phase_times) {
        auto& slot = phase_ms[migration::phase_name(phase)];
        slot = (slot.is_null() ? std::int64_t{0} : slot.get<std::int64_t>()) + time.count();
    }
    const bool manual = settings.cutover.mode == config::CutoverMode::manual;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now - progress.started);
    return {
        {"table", display_name(settings.table)},
        {"pid", ::getpid()},
        {"mode", manual ? "manual" : "auto"},
        {"way", progress.direct ? "steps" : "shadow"},
        {"rehearsal", progress.rehearsal},
        {"phase", migration::phase_name(progress.phase)},
        {"versions", settings.expand.empty() ? nlohmann::json() : nlohmann::json(versions_text(progress.phase))},
        {"activity", progress.activity},
        {"percent", percent},
        {"rows_copied", progress.rows_copied},
        {"row_estimate", progress.row_estimate},
        {"rows_per_second", std::isfinite(progress.rows_per_second) ? std::round(progress.rows_per_second) : 0.0},
        {"eta_ms", or_null(progress.eta)},
        {"throttled", or_null(progress.throttled)},
        {"throttled_ms", progress.throttled_for.count()},
        {"workers_allowed", progress.workers_allowed},
        {"changes_received", progress.changes_received},
        {"changes_applied", progress.changes_applied},
        {"pending_changes", progress.pending_changes},
        {"stream_lag_bytes", progress.stream_lag_bytes},
        {"retained_wal_bytes", progress.retained_wal_bytes},
        {"replica_lag_ms", or_null(progress.replica_lag)},
        {"commit_latency_ms", commit_latency(progress)},
        {"signals", signals_json(progress, now)},
        {"rows_verified", progress.rows_verified},
        {"shadow_rows_verified", progress.shadow_rows_verified},
        {"differences_repaired", progress.differences_repaired},
        {"unverified_columns", progress.unverified_columns},
        {"verifications", progress.verifications},
        {"last_verification", or_null(progress.last_verification)},
        {"cutover_attempts", progress.cutover_attempts},
        {"blockers_terminated", progress.blockers_terminated},
        {"blocked_ms", or_null(progress.blocked_ms)},
        {"blocked_by", progress.blocked_by},
        {"old_table", progress.old_table.empty() ? nlohmann::json() : nlohmann::json(progress.old_table)},
        {"slot", progress.slot},
        {"replica_identity",
         progress.borrowed_identity.empty() ? nlohmann::json() : nlohmann::json(progress.borrowed_identity)},
        {"reconnects", progress.reconnects},
        {"elapsed_ms", progress.started == Clock::time_point{} ? 0 : elapsed.count()},
        {"phase_ms", std::move(phase_ms)},
    };
}

}  // namespace pgwraith::control
