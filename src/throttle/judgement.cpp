#include "pgwraith/throttle/judgement.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::throttle {

namespace {

// A walsender that is only starting looks, for a moment, like one whose figures are hidden.
constexpr milliseconds hidden_grace{3'000};
constexpr milliseconds unreadable_grace{3'000};
// Worse than any value: nobody knows how bad it is.
constexpr double unknown_severity = 1'000'000;
constexpr std::uint64_t least_room = 16 << 20;

// What cannot be seen is no reason to go on: a standby that is restarted comes back and is behind.
std::optional<std::string> missing(const config::Throttle& limits, const Standbys& standbys) {
    std::string names;
    for (const auto& missing : standbys.missing()) {
        if (limits.ignores(missing.name)) continue;
        const auto how_many =
            missing.known > 1 ? fmt::format(" ({} of {} are left)", missing.present, missing.known) : "";
        names += fmt::format("{}{}{}", names.empty() ? "" : ", ", missing.name, how_many);
    }
    if (names.empty()) return std::nullopt;
    return fmt::format(
        "replica {} has disconnected: the copy waits until it is back; if it does not count, "
        "`pgwraith set FILE throttle.ignore_replicas=NAME`",
        names);
}

}  // namespace

SignalJudge::SignalJudge(std::string name, std::string unit) {
    state_.name = std::move(name);
    state_.unit = std::move(unit);
}

const SignalState& SignalJudge::judge(const Sample& sample) {
    const auto& [value, limit, why, over, lets_go_at] = sample.reading;
    const bool goes_on_holding = held_by_value_ && limit <= state_.limit;  // one that is raised lets go
    const bool too_much = value && limit && *value > (goes_on_holding ? *limit * lets_go_at : *limit);
    const bool unreadable = !sample.read || sample.at - *sample.read > unreadable_grace;
    const bool holds = over || too_much || unreadable;
    if (!judged_ || holds != state_.holds) state_.since = sample.at;
    judged_ = true;
    held_by_value_ = too_much && !over;
    state_.value = value;
    state_.limit = limit;
    state_.holds = holds;
    state_.why.clear();
    if (over || too_much) {
        state_.why = why;
    } else if (unreadable) {
        const auto failure = sample.failure.empty() ? "the server does not answer" : sample.failure;
        state_.why = fmt::format("the throttle's signal {} cannot be read: {}", state_.name, failure);
    }
    return state_;
}

double SignalJudge::severity() const {
    const bool measured = held_by_value_ && *state_.limit > 0;
    return measured ? *state_.value / *state_.limit : unknown_severity;
}

ReplicaVerdict ReplicaJudge::judge(const ReplicaReading& reading, const config::Throttle& limits, Standbys& standbys) {
    wal_clock_.observe(reading.at, reading.position);
    if (!began_at_) began_at_ = reading.position;
    ReplicaVerdict verdict;
    std::string worst;
    bool hidden = false;
    std::vector<Standbys::Seen> seen;
    for (const auto& replica : reading.replicas) {
        if (!replica.replayed) {
            hidden = hidden || !limits.ignores(replica.name);
            continue;
        }
        seen.push_back({replica.name, replica.pid});
        if (limits.ignores(replica.name)) continue;
        const auto lag = wal_clock_.lag(reading.at, *replica.replayed);
        // How long ago the primary was where this standby is, we cannot know before it has come to where we began.
        if (*replica.replayed >= *began_at_) up_to_date_.insert(replica.name);
        if (!up_to_date_.contains(replica.name)) {
            verdict.not_yet = fmt::format(
                "replica {} has not yet replayed what was written before the migration began; if it is delayed on "
                "purpose, add it to throttle.ignore_replicas",
                replica.name);
        }
        if (!verdict.lag || lag > *verdict.lag) {
            verdict.lag = lag;
            worst = replica.name;
        }
    }
    // While rows are hidden nobody can say which replica is missing.
    if (!hidden) standbys.observe(seen);
    verdict.missing = missing(limits, standbys);
    if (verdict.lag) {
        verdict.behind = fmt::format("replica {} is {} behind (limit {})", worst, format_duration(*verdict.lag),
                                     format_duration(limits.max_replica_lag));
    }
    if (!hidden) {
        hidden_since_.reset();
    } else if (!hidden_since_) {
        hidden_since_ = reading.at;
    }
    if (hidden && reading.at - *hidden_since_ > hidden_grace) {
        verdict.hidden = "a standby's lag is hidden from this role: grant it pg_monitor (GRANT pg_monitor TO …)";
    }
    return verdict;
}

Reading reading_of(const ReplicaVerdict& verdict, const config::Throttle& limits) {
    Reading reading;
    if (verdict.lag) reading.value = static_cast<double>(verdict.lag->count());
    reading.limit = static_cast<double>(limits.max_replica_lag.count());
    reading.why = verdict.behind;
    for (const auto& unknown : {verdict.not_yet, verdict.hidden, verdict.missing}) {
        if (!unknown) continue;
        reading.why = *unknown;
        reading.over = true;
    }
    return reading;
}

std::optional<std::string> judge_slot(const SlotReading& reading) {
    // Less room than twice what we already keep: stop making WAL before the server takes the slot away.
    const auto enough = static_cast<std::int64_t>(std::max(reading.retained_bytes, least_room));
    const bool narrow = reading.safe_wal_size && *reading.safe_wal_size < enough;
    if (reading.wal_status != "unreserved" && !narrow) return std::nullopt;
    return fmt::format("our slot keeps {} of WAL and approaches max_slot_wal_keep_size",
                       format_size(reading.retained_bytes));
}

}  // namespace pgwraith::throttle
