// docs/monitoring.md lists what is here.
#include "pgwraith/control/metrics.h"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "pgwraith/control/health.h"
#include "pgwraith/control/status.h"
#include "pgwraith/control/version.h"

namespace pgwraith::control {

using migration::Phase;
using migration::Progress;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

using Labels = std::vector<ClientMetric::Label>;

// Families whose series carry the label `table`.
class Families {
  public:
    explicit Families(std::string table) : table_(std::move(table)) {}

    void gauge(const char* name, const char* help, double value, Labels labels = {}) {
        add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
    }
    void flag(const char* name, const char* help, bool value) { gauge(name, help, value ? 1 : 0); }
    void count(const char* name, const char* help, double value) {
        add(name, help, MetricType::Counter, {}).counter.value = value;
    }
    void count(const char* name, const char* help, std::uint64_t value) {
        count(name, help, static_cast<double>(value));
    }
    std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return out.str();
    }

  private:
    // Series of one name stand together, whatever lies between the calls.
    ClientMetric& add(const std::string& name, const char* help, MetricType type, Labels labels) {
        auto family = std::ranges::find(families_, name, &MetricFamily::name);
        if (family == families_.end()) family = families_.insert(family, {name, help, type, {}});
        auto& metric = family->metric.emplace_back();
        metric.label = {{"table", table_}};
        metric.label.insert(metric.label.end(), labels.begin(), labels.end());
        return metric;
    }

    std::string table_;
    std::vector<MetricFamily> families_;
};

double in_seconds(milliseconds value) { return static_cast<double>(value.count()) / 1000; }

// The wall's clock at a moment of the steady one.
double timestamp(Clock::time_point at, Moments now) {
    const std::chrono::duration<double> since_epoch = now.wall.time_since_epoch();
    return since_epoch.count() - std::chrono::duration<double>(now.steady - at).count();
}

// Each unit has names of its own, and times are seconds: a sum over a name must mean something.
std::string unit_suffix(const std::string& unit) {
    if (unit == "ms") return "_seconds";
    if (unit == "bytes/s") return "_bytes_per_second";
    std::string suffix = unit.empty() ? "" : "_";
    for (const char c : unit) suffix += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return suffix;
}

void add_signals(Families& all, const Progress& progress) {
    for (const auto& signal : progress.signals) {
        const Labels label{{"signal", signal.name}};
        const double scale = signal.unit == "ms" ? 1000 : 1;
        const auto suffix = unit_suffix(signal.unit);
        if (signal.value) {
            all.gauge(("pgwraith_signal" + (suffix.empty() ? "_value" : suffix)).c_str(),
                      "What a signal of the throttle is.", *signal.value / scale, label);
        }
        if (signal.limit) {
            all.gauge(("pgwraith_signal_limit" + suffix).c_str(), "What it may be.", *signal.limit / scale, label);
        }
        if (signal.value && signal.limit && *signal.limit > 0) {
            all.gauge("pgwraith_signal_used_ratio", "What a signal is, as a share of its limit; 1: at the limit.",
                      *signal.value / *signal.limit, label);
        }
        all.gauge("pgwraith_signal_holds", "1 while it holds the work back.", signal.holds ? 1 : 0, label);
    }
}

void add_state(Families& all, const Progress& progress, const config::Settings& settings, double percent, Moments now) {
    const bool manual = settings.cutover.mode == config::CutoverMode::manual;
    all.gauge("pgwraith_migration_info", "1, with what this process does as labels.", 1,
              {{"version", version},
               {"way", progress.direct ? "steps" : "shadow"},
               {"mode", manual ? "manual" : "auto"},
               {"rehearsal", progress.rehearsal ? "true" : "false"}});
    for (const Phase phase : migration::all_phases) {
        all.gauge("pgwraith_phase", "1 for the phase the migration is in.", phase == progress.phase ? 1 : 0,
                  {{"phase", migration::phase_name(phase)}});
    }
    all.gauge("pgwraith_phase_progress_ratio", "How much of the current phase is done, 0 to 1.", percent / 100);
    all.gauge("pgwraith_phase_began_timestamp_seconds", "When the current phase began, as Unix time.",
              timestamp(progress.phase_began, now));
    if (progress.eta) {
        all.gauge("pgwraith_phase_remaining_seconds", "What is left of the current phase, where it can be told.",
                  in_seconds(*progress.eta));
    }
    if (progress.eta_total) {
        all.gauge("pgwraith_swap_remaining_seconds", "Until the swap may begin, where it can be told; rough.",
                  in_seconds(*progress.eta_total));
    }
    all.gauge("pgwraith_advanced_timestamp_seconds", "When the work last got further, as Unix time.",
              timestamp(progress.advanced, now));
    all.flag("pgwraith_ready", "1 while /readyz says so: the process holds the table, and its attempt goes on.",
             readiness(progress).ready);
    all.flag("pgwraith_slot", "1 while the migration has a replication slot, which keeps WAL on the server.",
             progress.slot);
    all.flag("pgwraith_paused", "1 while the operator holds the work.", progress.paused.has_value());
    all.flag("pgwraith_throttled", "1 while the work is held back, by whatever.", progress.throttled.has_value());
    all.count("pgwraith_throttled_seconds_total", "How long the work was held back, by this process.",
              in_seconds(progress.throttled_for));
    all.gauge("pgwraith_workers_allowed", "Workers of each kind that the signals leave room for.",
              progress.workers_allowed);
    all.gauge("pgwraith_workers_busy", "Workers that copy, build or compare at this moment.", progress.workers_busy);
    all.count("pgwraith_reconnects_total", "Attempts of this process that an outage has ended.",
              std::uint64_t{progress.reconnects});
}

void add_rows(Families& all, const Progress& progress) {
    all.count("pgwraith_rows_copied_total", "Rows copied to the shadow table, by all processes of the migration.",
              progress.rows_copied);
    all.gauge("pgwraith_live_rows", "Rows of the live table, estimated.", static_cast<double>(progress.row_estimate));
    all.count("pgwraith_changes_received_total", "Row changes received from the change stream, by this process.",
              progress.changes_received);
    all.count("pgwraith_changes_applied_total", "Changed keys applied to the shadow table, by this process.",
              progress.changes_applied);
    all.gauge("pgwraith_pending_changes", "Changed keys that wait to be applied, estimated.",
              static_cast<double>(progress.pending_changes));
    all.gauge("pgwraith_stream_lag_bytes", "WAL between the server's end and what is recorded.",
              static_cast<double>(progress.stream_lag_bytes));
    if (progress.stream && progress.stream->lag) {
        all.gauge("pgwraith_stream_lag_seconds", "How long ago the server's WAL ended where the record does.",
                  in_seconds(*progress.stream->lag));
    }
    all.gauge("pgwraith_ledger_bytes", "What the ledger of changed keys takes on disk and in memory.",
              static_cast<double>(progress.ledger_bytes));
    all.gauge("pgwraith_retained_wal_bytes", "WAL that the migration's slot keeps on the server.",
              static_cast<double>(progress.retained_wal_bytes));
    if (progress.safe_wal_bytes) {
        all.gauge("pgwraith_safe_wal_bytes", "WAL that may be written before the server gives the slot up.",
                  static_cast<double>(*progress.safe_wal_bytes));
    }
    if (progress.replica_lag) {
        all.gauge("pgwraith_replica_lag_seconds", "Replay lag of the slowest standby.",
                  in_seconds(*progress.replica_lag));
    }
    all.gauge("pgwraith_verified_rows", "Rows of the live table compared by the verification under way, or the last.",
              static_cast<double>(progress.rows_verified));
    all.count("pgwraith_differences_repaired_total", "Rows that differed and were repaired, by all verifications.",
              progress.differences_repaired);
}

void add_cutover(Families& all, const Progress& progress) {
    all.count("pgwraith_cutover_attempts_total", "Attempts at the swap or another strong lock, by this process.",
              std::uint64_t{progress.cutover_attempts});
    all.count("pgwraith_cutover_called_off_total", "Attempts that came to nothing, by this process.",
              std::uint64_t{progress.called_off});
    all.count("pgwraith_blockers_terminated_total", "Sessions ended because they stood in the swap's way.",
              std::uint64_t{progress.blockers_terminated});
    if (progress.blocked_ms) {
        all.gauge("pgwraith_longest_block_seconds", "How long others have waited at most, since the migration began.",
                  *progress.blocked_ms / 1000);
    }
}

}  // namespace

std::string metrics_text(const Progress& progress, const config::Settings& settings, double percent, Moments now) {
    Families all(display_name(settings.table));
    add_state(all, progress, settings, percent, now);
    add_rows(all, progress);
    add_signals(all, progress);
    add_cutover(all, progress);
    return all.text();
}

}  // namespace pgwraith::control
