// How many sessions work, and how many wait for a lock.
#include <fmt/format.h>

#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

// Those of this program, of this or another migration, are what is to be held back. Whether a session of another role
// works, not every role may see.
constexpr const char* active_sql = R"(
SELECT count(*) FILTER (WHERE a.state = 'active'), bool_or(a.state IS NULL)
  FROM pg_stat_activity a
 WHERE a.usesysid IS NOT NULL AND a.datid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend'
   AND a.application_name NOT LIKE 'pgwraith % (pid %'
   AND a.pid NOT IN (SELECT pid FROM pg_stat_replication))";

constexpr const char* waiting_sql = R"(
SELECT count(DISTINCT l.pid)
  FROM pg_locks l
 WHERE NOT l.granted
   AND l.pid NOT IN (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgwraith % (pid %'))";

// A number of sessions, with its limit.
class CountedSessions : public Signal {
  public:
    CountedSessions(const char* name, const std::optional<int>& limit, const char* sql, const char* what)
        : name_(name), limit_(limit), sql_(sql), what_(what) {}

    const char* name() const override { return name_; }
    const char* unit() const override { return "sessions"; }
    bool wanted() const override { return limit_.has_value(); }

    Task<void> read(postgres::Connection& connection) override {
        const auto row = co_await connection.query(sql_);
        if (row.columns() > 1 && !row.is_null(0, 1) && row.boolean(0, 1)) {
            throw Error(ErrorKind::stopped,
                        "what other roles' sessions do is hidden from this role: grant it pg_monitor "
                        "(GRANT pg_monitor TO …)",
                        "");
        }
        sessions_ = row.int64(0, 0);
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        if (sessions_) reading.value = static_cast<double>(*sessions_);
        if (limit_) reading.limit = *limit_;
        reading.why = fmt::format("{} sessions {} (limit {})", sessions_.value_or(0), what_, limit_.value_or(0));
        return reading;
    }

  private:
    const char* name_;
    const std::optional<int>& limit_;
    const char* sql_;
    const char* what_;
    std::optional<std::int64_t> sessions_;
};

}  // namespace

std::unique_ptr<Signal> active_sessions(const Surroundings& around) {
    return std::make_unique<CountedSessions>("active_sessions", around.settings.throttle.max_active_sessions,
                                             active_sql, "are active");
}

std::unique_ptr<Signal> lock_waiters(const Surroundings& around) {
    return std::make_unique<CountedSessions>("lock_waiters", around.settings.throttle.max_lock_waiters, waiting_sql,
                                             "wait for a lock");
}

}  // namespace pgwraith::throttle
