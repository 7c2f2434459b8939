#include "pgwraith/throttle/readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "pgwraith/base/error.h"

namespace pgwraith::throttle {

namespace {

const SlotLag* worst_of(const std::vector<SlotLag>& slots, const std::vector<std::string>& ignored,
                        bool (*less)(const SlotLag&, const SlotLag&)) {
    const SlotLag* worst = nullptr;
    for (const auto& slot : slots) {
        if (std::ranges::find(ignored, slot.name) != ignored.end()) continue;
        if (worst == nullptr || less(*worst, slot)) worst = &slot;
    }
    return worst;
}

std::string behind(const std::string& slot, const std::string& lag, const std::string& limit) {
    return fmt::format(
        "the consumer of slot {} is {} behind (limit {}); if it does not count, `pgwraith set FILE "
        "throttle.ignore_slots=NAME`",
        slot, lag, limit);
}

}  // namespace

Reading judge_slot_time(const std::vector<SlotLag>& slots, const config::Throttle& limits) {
    Reading reading;
    const auto limit = limits.max_slot_lag.time;
    const auto* worst =
        worst_of(slots, limits.ignore_slots, [](const auto& one, const auto& other) { return one.time < other.time; });
    if (limit) reading.limit = static_cast<double>(limit->count());
    if (worst == nullptr) return reading;
    reading.value = static_cast<double>(worst->time.count());
    if (limit) reading.why = behind(worst->name, format_duration(worst->time), format_duration(*limit));
    return reading;
}

Reading judge_slot_bytes(const std::vector<SlotLag>& slots, const config::Throttle& limits) {
    Reading reading;
    const auto limit = limits.max_slot_lag.bytes;
    const auto* worst = worst_of(slots, limits.ignore_slots,
                                 [](const auto& one, const auto& other) { return one.bytes < other.bytes; });
    if (limit) reading.limit = static_cast<double>(*limit);
    if (worst == nullptr) return reading;
    reading.value = static_cast<double>(worst->bytes);
    if (limit) reading.why = behind(worst->name, format_size(worst->bytes), format_size(*limit));
    return reading;
}

QueryAnswer judge_answer(int rows, int columns, const std::optional<std::string>& text) {
    const auto wrong = [](const std::string& what) {
        return Error(ErrorKind::usage, "throttle.query gives " + what + ", not one number or boolean", "");
    };
    if (rows != 1 || columns != 1) throw wrong(fmt::format("{} rows of {} columns", rows, columns));
    if (!text) throw wrong("NULL");
    if (*text == "t" || *text == "f") return {*text == "t", std::nullopt};
    double number = 0;
    const char* end = text->data() + text->size();
    const auto [stop, failure] = std::from_chars(text->data(), end, number);
    if (failure != std::errc{} || stop != end || !std::isfinite(number)) throw wrong("a text");
    return {false, number};
}

QueryAnswer judge_answer(const postgres::Result& result) {
    const bool one = result.rows() == 1 && result.columns() == 1;
    return judge_answer(result.rows(), result.columns(), one ? result.optional_text(0, 0) : std::nullopt);
}

void Rate::observe(Clock::time_point now, Lsn position) {
    observed_.emplace_back(now, position);
    while (observed_.size() > 2 && now - observed_[1].first >= over_) observed_.pop_front();
}

std::optional<double> Rate::per_second() const {
    if (observed_.size() < 2) return std::nullopt;
    const auto& [from, first] = observed_.front();
    const auto& [to, last] = observed_.back();
    const double seconds = ms_between(from, to) / 1000;
    if (seconds <= 0 || last < first) return std::nullopt;
    return static_cast<double>(last.value - first.value) / seconds;
}

void Recent::observe(Clock::time_point now, std::int64_t counter) {
    constexpr std::size_t remembered = 10'000;
    // Somebody may have reset the statistics.
    if (counter_ && counter > *counter_) rises_.emplace_back(now, counter - *counter_);
    counter_ = counter;
    if (rises_.size() > remembered) rises_.pop_front();
}

std::int64_t Recent::within(Clock::time_point now, milliseconds time) const {
    std::int64_t sum = 0;
    for (const auto& [at, rise] : rises_) sum += now - at <= time ? rise : 0;
    return sum;
}

}  // namespace pgwraith::throttle
