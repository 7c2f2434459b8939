#include "history.h"

#include <cmath>
#include <limits>

namespace pgwraith::web {

using nlohmann::json;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

constexpr std::array columns_of_a_sample{
    std::pair{"percent", &Sample::percent},
    std::pair{"rows_per_second", &Sample::rows_per_second},
    std::pair{"changes_per_second", &Sample::changes_per_second},
    std::pair{"stream_lag_bytes", &Sample::stream_lag_bytes},
    std::pair{"replica_lag_ms", &Sample::replica_lag_ms},
    std::pair{"commit_latency_ms", &Sample::commit_latency_ms},
    std::pair{"pending_changes", &Sample::pending_changes},
    std::pair{"throttled", &Sample::throttled},
    std::pair{"workers_allowed", &Sample::workers_allowed},
};

double number(const json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_number() ? found->get<double>() : unknown;
}

// A tenth is enough, and short.
json rounded(double value) { return std::isfinite(value) ? json(std::round(value * 10) / 10) : json(); }

}  // namespace

Sample sample_of(const json& status, std::int64_t at_ms) {
    Sample sample;
    sample.at_ms = at_ms;
    for (const auto& [key, member] : columns_of_a_sample) sample.*member = number(status, key);
    const auto throttled = status.find("throttled");
    sample.throttled = throttled != status.end() && throttled->is_string() ? 1 : 0;
    return sample;
}

const Sample& History::add(const json& status, std::int64_t at_ms) {
    Sample sample = sample_of(status, at_ms);
    const double received = number(status, "changes_received");
    if (!samples_.empty() && at_ms > samples_.back().at_ms && received >= changes_received_) {
        const double seconds = static_cast<double>(at_ms - samples_.back().at_ms) / 1000;
        sample.changes_per_second = (received - changes_received_) / seconds;
    }
    changes_received_ = received;
    samples_.push_back(sample);
    if (samples_.size() > capacity_) samples_.pop_front();
    return samples_.back();
}

json History::columns() const {
    json all = json::object();
    auto& times = all["at_ms"] = json::array();
    for (const Sample& sample : samples_) times.push_back(sample.at_ms);
    for (const auto& [key, member] : columns_of_a_sample) {
        auto& column = all[key] = json::array();
        for (const Sample& sample : samples_) column.push_back(rounded(sample.*member));
    }
    return all;
}

json to_json(const Sample& sample) {
    json one = {{"at_ms", sample.at_ms}};
    for (const auto& [key, member] : columns_of_a_sample) one[key] = rounded(sample.*member);
    return one;
}

}  // namespace pgwraith::web
