// What the server keeps on its disks, as far as SQL can see it: no function tells how much room is left there.
#include <fmt/format.h>

#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

using Limit = std::optional<std::uint64_t>;

// The server looks at each of its files for the answer.
constexpr milliseconds asked_every{5'000};
// A size seldom goes down by much.
constexpr double lets_go_at = 0.99;

class DiskUse : public Signal {
  public:
    DiskUse(const char* name, const Limit& limit, const char* sql, const char* what)
        : name_(name), limit_(limit), sql_(sql), what_(what) {}

    const char* name() const override { return name_; }
    const char* unit() const override { return "bytes"; }
    bool wanted() const override { return limit_.has_value(); }

    Task<void> read(postgres::Connection& connection) override {
        if (asked_ && Clock::now() - *asked_ < asked_every) co_return;
        const auto row = co_await connection.query(sql_);
        asked_ = Clock::now();
        bytes_ = row.uint64(0, 0);
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        if (limit_) reading.limit = static_cast<double>(*limit_);
        if (!bytes_ || !limit_) return reading;
        reading.value = static_cast<double>(*bytes_);
        reading.lets_go_at = lets_go_at;
        reading.why = fmt::format("{} {} (limit {})", what_, format_size(*bytes_), format_size(*limit_));
        return reading;
    }

  private:
    const char* name_;
    const Limit& limit_;
    const char* sql_;
    const char* what_;
    std::optional<Clock::time_point> asked_;
    std::optional<std::uint64_t> bytes_;
};

}  // namespace

std::unique_ptr<Signal> wal_directory(const Surroundings& around) {
    return std::make_unique<DiskUse>("wal_directory", around.settings.throttle.max_wal_directory,
                                     "SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()",
                                     "the server's pg_wal holds");
}

std::unique_ptr<Signal> database_size(const Surroundings& around) {
    return std::make_unique<DiskUse>("database_size", around.settings.throttle.max_database_size,
                                     "SELECT pg_database_size(current_database())", "this database takes");
}

}  // namespace pgwraith::throttle
