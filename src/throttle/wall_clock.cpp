#include "pgwraith/throttle/wall_clock.h"

#include <fmt/format.h>

#include <array>

#include "pgwraith/base/error.h"

namespace pgwraith::throttle {

namespace {

constexpr std::array<const char*, 7> day_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// The server takes what it does not know for a POSIX zone without daylight saving time.
constexpr const char* known_sql = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE lower(name) = lower($1))";

constexpr const char* clock_sql = R"(
SELECT extract(isodow FROM t)::int - 1, extract(hour FROM t)::int * 60 + extract(minute FROM t)::int
  FROM (SELECT clock_timestamp() AT TIME ZONE $1) AS now(t))";

}  // namespace

namespace {

Error unknown_zone(const std::string& zone) {
    return Error(ErrorKind::usage, fmt::format("the server knows no time zone {}", zone),
                 "pg_timezone_names lists those that it knows.");
}

// A server that cannot list its zones (a file of them cannot be read) is taken at its word when it uses one.
Task<bool> is_listed(postgres::Connection& connection, std::string zone) {
    try {
        const auto found = co_await connection.query(known_sql, postgres::params(zone));
        co_return found.boolean(0, 0);
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
    }
    co_return true;
}

}  // namespace

Task<WallClock> ask_wall_clock(postgres::Connection& connection, std::string zone) {
    // Asked once for each zone: the server reads all of its files for the answer.
    static std::string known;
    if (known != zone) {
        const bool listed = co_await is_listed(connection, zone);
        if (!listed) throw unknown_zone(zone);
        known = zone;
    }
    std::optional<WallClock> clock;
    try {
        const auto row = co_await connection.query(clock_sql, postgres::params(zone));
        clock = WallClock{static_cast<int>(row.int64(0, 0)), static_cast<int>(row.int64(0, 1))};
    } catch (const postgres::PgError& error) {
        if (error.sqlstate() != "22023") throw;
    }
    if (!clock) throw unknown_zone(zone);
    co_return *clock;
}

std::string wait_in_words(const config::Hours& hours, WallClock now) {
    const auto left = std::chrono::minutes{hours.minutes_until(now.day, now.minute)};
    return fmt::format("it is {} {:02}:{:02}, {} is in {}", day_names.at(static_cast<std::size_t>(now.day)),
                       now.minute / 60, now.minute % 60, hours.text(),
                       format_duration(std::chrono::duration_cast<milliseconds>(left)));
}

}  // namespace pgwraith::throttle
