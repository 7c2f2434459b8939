// The last minutes, second by second, so that a page that is loaded again keeps its plots. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>

namespace pgwraith::web {

// What a plot shows of one moment. A value that is not known is NaN, and null in JSON.
struct Sample {
    std::int64_t at_ms = 0;  // since 1970
    double percent = 0;
    double rows_per_second = 0;
    double changes_per_second = 0;
    double stream_lag_bytes = 0;
    double replica_lag_ms = 0;
    double commit_latency_ms = 0;
    double pending_changes = 0;
    double throttled = 0;  // 1: the work was held
    double workers_allowed = 0;
};

// From a status; keys that are not there are unknown.
Sample sample_of(const nlohmann::json& status, std::int64_t at_ms);

class History {
  public:
    explicit History(std::size_t capacity) : capacity_(capacity) {}

    // Works out the rates that need the sample before it.
    const Sample& add(const nlohmann::json& status, std::int64_t at_ms);
    // {"at_ms": […], "percent": […], …}, oldest first.
    nlohmann::json columns() const;
    std::size_t size() const { return samples_.size(); }

  private:
    std::size_t capacity_;
    std::deque<Sample> samples_;
    double changes_received_ = 0;
};

nlohmann::json to_json(const Sample& sample);

}  // namespace pgwraith::web
