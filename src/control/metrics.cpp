#include <prometheus/text_serializer.h>

#include <sstream>

#include "pgwraith/control/status.h"

namespace pgwraith::control {

using migration::Phase;
using migration::Progress;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

// Collects families that all carry the label `table`.
class Families {
  public:
    explicit Families(std::string table) : table_(std::move(table)) {}

    void gauge(const char* name, const char* help, double value) {
        add(name, help, MetricType::Gauge).gauge.value = value;
    }
    void counter(const char* name, const char* help, double value) {
        add(name, help, MetricType::Counter).counter.value = value;
    }
    void count(const char* name, const char* help, std::uint64_t value) {
        counter(name, help, static_cast<double>(value));
    }
    // One series per phase, 1 for the current one: the usual form of a state in Prometheus.
    void phase(Phase current) {
        families_.push_back({"pgwraith_phase", "1 for the phase the migration is in.", MetricType::Gauge, {}});
        for (const Phase phase :
             {Phase::prepare, Phase::steps, Phase::compare, Phase::expanded, Phase::contract, Phase::copy, Phase::build,
              Phase::catch_up, Phase::verify, Phase::ready, Phase::cutover, Phase::going_back, Phase::done}) {
            ClientMetric metric;
            metric.label = {{"table", table_}, {"phase", migration::phase_name(phase)}};
            metric.gauge.value = phase == current ? 1 : 0;
            families_.back().metric.push_back(std::move(metric));
        }
    }
    // One series per signal; milliseconds become seconds.
    void signals(const Progress& progress) {
        const auto add_all = [&](const char* name, const char* help, auto value_of) {
            MetricFamily family{name, help, MetricType::Gauge, {}};
            for (const auto& signal : progress.signals) {
                const std::optional<double> value = value_of(signal);
                if (!value) continue;
                const bool time = signal.unit == "ms";
                ClientMetric metric;
                metric.label = {{"table", table_}, {"signal", signal.name}, {"unit", time ? "seconds" : signal.unit}};
                metric.gauge.value = time ? *value / 1000 : *value;
                family.metric.push_back(std::move(metric));
            }
            if (!family.metric.empty()) families_.push_back(std::move(family));
        };
        add_all("pgwraith_signal_value", "What a signal of the throttle is.",
                [](const auto& one) { return one.value; });
        add_all("pgwraith_signal_limit", "What it may be.", [](const auto& one) { return one.limit; });
        MetricFamily holds{"pgwraith_signal_holds", "1 while it holds the work back.", MetricType::Gauge, {}};
        for (const auto& signal : progress.signals) {
            ClientMetric metric;
            metric.label = {{"table", table_}, {"signal", signal.name}};
            metric.gauge.value = signal.holds ? 1 : 0;
            holds.metric.push_back(std::move(metric));
        }
        if (!holds.metric.empty()) families_.push_back(std::move(holds));
    }
    std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return out.str();
    }

  private:
    ClientMetric& add(const char* name, const char* help, MetricType type) {
        families_.push_back({name, help, type, {}});
        ClientMetric metric;
        metric.label = {{"table", table_}};
        families_.back().metric.push_back(std::move(metric));
        return families_.back().metric.back();
    }

    std::string table_;
    std::vector<MetricFamily> families_;
};

double in_seconds(milliseconds value) { return static_cast<double>(value.count()) / 1000; }

}  // namespace

std::string metrics_text(const Progress& progress, const config::Settings& settings, double percent,
                         Clock::time_point now) {
    Families all(display_name(settings.table));
    all.phase(progress.phase);
    all.gauge("pgwraith_phase_progress_ratio", "How much of the current phase is done, 0 to 1.", percent / 100);
    all.gauge("pgwraith_elapsed_seconds", "Since this process began.",
              progress.started == Clock::time_point{}
                  ? 0
                  : in_seconds(std::chrono::duration_cast<milliseconds>(now - progress.started)));
    all.count("pgwraith_rows_copied_total", "Rows copied to the shadow table.", progress.rows_copied);
    all.gauge("pgwraith_row_estimate", "Rows of the live table, estimated.",
              static_cast<double>(progress.row_estimate));
    all.gauge("pgwraith_throttled", "1 while the copy is held back.", progress.throttled ? 1 : 0);
    all.counter("pgwraith_throttled_seconds_total", "How long the copy was held back.",
                in_seconds(progress.throttled_for));
    all.count("pgwraith_changes_received_total", "Row changes received from the change stream.",
              progress.changes_received);
    all.count("pgwraith_changes_applied_total", "Changed keys applied to the shadow table.", progress.changes_applied);
    all.gauge("pgwraith_pending_changes", "Changed keys that wait to be applied, estimated.",
              static_cast<double>(progress.pending_changes));
    all.gauge("pgwraith_stream_lag_bytes", "WAL between the server's end and what is recorded.",
              static_cast<double>(progress.stream_lag_bytes));
    all.gauge("pgwraith_retained_wal_bytes", "WAL that the migration's slot keeps on the server.",
              static_cast<double>(progress.retained_wal_bytes));
    if (progress.replica_lag) {
        all.gauge("pgwraith_replica_lag_seconds", "Replay lag of the slowest standby.",
                  in_seconds(*progress.replica_lag));
    }
    all.signals(progress);
    all.gauge("pgwraith_workers_allowed", "Workers of each kind that the signals leave room for.",
              progress.workers_allowed);
    all.count("pgwraith_rows_verified_total", "Rows compared.", progress.rows_verified);
    all.count("pgwraith_differences_repaired_total", "Rows that differed and were repaired.",
              progress.differences_repaired);
    all.count("pgwraith_cutover_attempts_total", "Attempts to swap the tables.", progress.cutover_attempts);
    all.count("pgwraith_blockers_terminated_total", "Sessions ended because they stood in the swap's way.",
              progress.blockers_terminated);
    if (progress.blocked_ms) {
        all.gauge("pgwraith_cutover_blocked_seconds", "How long others waited at most.", *progress.blocked_ms / 1000);
    }
    all.count("pgwraith_reconnects_total", "Connections to the server that were lost and made again.",
              progress.reconnects);
    return all.text();
}

}  // namespace pgwraith::control
