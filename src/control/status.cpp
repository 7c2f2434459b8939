#include "pgwraith/control/status.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "pgwraith/control/headline.h"

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

nlohmann::json text_or_null(const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); }

// Milliseconds between two moments, never less than none.
std::int64_t ms_from(Clock::time_point earlier, Clock::time_point later) {
    return std::max<std::int64_t>(0, std::chrono::duration_cast<milliseconds>(later - earlier).count());
}

nlohmann::json outage_json(const Progress& progress, Clock::time_point now) {
    if (!progress.outage) return {};
    const auto& outage = *progress.outage;
    return {{"why", outage.why},
            {"since_ms", ms_from(outage.since, now)},
            {"next_in_ms", ms_from(now, outage.next)},
            {"gives_up_in_ms", outage.gives_up ? nlohmann::json(ms_from(now, *outage.gives_up)) : nlohmann::json()}};
}

nlohmann::json last_error_json(const Progress& progress, Clock::time_point now) {
    if (!progress.last_error) return {};
    return {{"what", progress.last_error->what}, {"ago_ms", ms_from(progress.last_error->at, now)}};
}

nlohmann::json stream_json(const Progress& progress) {
    if (!progress.stream) return {};
    const auto& stream = *progress.stream;
    return {{"received_lsn", stream.received.text()},
            {"durable_lsn", stream.durable.text()},
            {"acknowledged_lsn", stream.acknowledged.text()},
            {"lag_bytes", progress.stream_lag_bytes},
            {"lag_ms", or_null(stream.lag)}};
}

double rounded(double value) { return std::isfinite(value) ? std::round(value) : 0.0; }

int workers_wanted(const Progress& progress, const config::Settings& settings) {
    if (progress.phase == migration::Phase::build) return settings.build.workers;
    return progress.phase == migration::Phase::catch_up ? settings.apply.workers : settings.copy.workers;
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

nlohmann::json end_json(const End& end) {
    return {{"outcome", end.outcome}, {"message", end.message}, {"hint", end.hint}, {"exit_status", end.exit_status}};
}

std::string versions_text(const Progress& progress) {
    using migration::Phase;
    if (progress.aborting) return "old versions of the application only: the new columns are being taken back";
    switch (progress.phase) {
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

std::string json_text(const nlohmann::json& document) {
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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
    const auto line = headline(progress, settings, percent, now);
    return {
        {"table", display_name(settings.table)},
        {"running", true},
        {"pid", ::getpid()},
        {"health", health_name(line.health)},
        {"headline", line.what},
        {"next", line.next},
        {"error", nullptr},
        {"hint", nullptr},
        {"mode", manual ? "manual" : "auto"},
        {"way", progress.direct ? "steps" : "shadow"},
        {"rehearsal", progress.rehearsal},
        {"contraction", progress.contracts},
        {"phase", migration::phase_name(progress.phase)},
        {"versions", settings.expand.empty() ? nlohmann::json() : nlohmann::json(versions_text(progress))},
        {"activity", progress.activity.text},
        {"waits", or_null(waits_name(progress.activity.waits))},
        {"percent", percent},
        {"rows_copied", progress.rows_copied},
        {"row_estimate", progress.row_estimate},
        {"rows_per_second", rounded(progress.rows_per_second)},
        {"eta_ms", or_null(progress.eta)},
        {"eta_total_ms", or_null(progress.eta_total)},
        {"paused", progress.paused.has_value()},
        {"aborting", progress.aborting},
        {"throttled", or_null(progress.throttled)},
        {"throttled_ms", progress.throttled_for.count()},
        {"outage", outage_json(progress, now)},
        {"last_error", last_error_json(progress, now)},
        {"drift", progress.drift},
        {"workers_busy", progress.workers_busy},
        {"workers_allowed", progress.workers_allowed},
        {"workers_wanted", workers_wanted(progress, settings)},
        {"chunk_blocks", progress.chunk_blocks},
        {"copy_method", text_or_null(progress.copy_method)},
        {"chunk_ms", or_null(progress.chunk_took)},
        {"chunk_target_ms", settings.copy.chunk_target.count()},
        {"changes_received", progress.changes_received},
        {"changes_applied", progress.changes_applied},
        {"changes_per_second", rounded(progress.changes_per_second)},
        {"applied_per_second", rounded(progress.applied_per_second)},
        {"pending_changes", progress.pending_changes},
        {"ledger_bytes", progress.ledger_bytes},
        {"stream", stream_json(progress)},
        {"stream_lag_bytes", progress.stream_lag_bytes},
        {"retained_wal_bytes", progress.retained_wal_bytes},
        {"safe_wal_bytes", or_null(progress.safe_wal_bytes)},
        {"wal_left_ms", or_null(progress.wal_left_for)},
        {"replica_lag_ms", or_null(progress.replica_lag)},
        {"commit_latency_ms", commit_latency(progress)},
        {"signals", signals_json(progress, now)},
        {"rows_verified", progress.rows_verified},
        {"shadow_rows_verified", progress.shadow_rows_verified},
        {"differences_repaired", progress.differences_repaired},
        {"unverified_columns", progress.unverified_columns},
        {"verifications", progress.verifications},
        {"last_verification", or_null(progress.last_verification)},
        {"swap", text_or_null(progress.swap_when)},
        {"swap_estimate_ms", rounded_or_null(progress.swap_estimate_ms)},
        {"cutover_attempts", progress.cutover_attempts},
        {"blockers_terminated", progress.blockers_terminated},
        {"blocked_ms", or_null(progress.blocked_ms)},
        {"blocked_by", progress.blocked_by},
        {"old_table", text_or_null(progress.old_table)},
        {"undone", progress.undone},
        {"slot", progress.slot},
        {"replica_identity", text_or_null(progress.borrowed_identity)},
        {"reconnects", progress.reconnects},
        {"elapsed_ms", progress.started == Clock::time_point{} ? 0 : elapsed.count()},
        {"phase_ms", std::move(phase_ms)},
        {"end", nullptr},
    };
}

nlohmann::json stored_json(const std::optional<Progress>& known, const config::Settings& settings,
                           const std::optional<std::string>& done, const Error* unreadable) {
    auto status = status_json(known.value_or(Progress()), settings, 0, Clock::now());
    auto line = headline_without_process(known, settings, done);
    status["running"] = false;
    status["pid"] = nullptr;
    if (!known) status["phase"] = nullptr;
    if (unreadable != nullptr) {
        auto what = unreadable->message();
        if (what.ends_with('.')) what.pop_back();  // more follows
        line = {Health::stopped, "no process is running, and its state cannot be read: " + what, unreadable->hint()};
        status["error"] = unreadable->message();
        status["hint"] = unreadable->hint();
    }
    status["health"] = health_name(line.health);
    status["headline"] = line.what;
    status["next"] = line.next;
    return status;
}

}  // namespace pgwraith::control
