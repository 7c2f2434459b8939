#include "pgwraith/throttle/wall_clock.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "pgwraith/base/error.h"

namespace pgwraith::throttle {

namespace {

constexpr std::array<const char*, 7> day_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// The server takes what it does not know for a POSIX zone without daylight saving time.
constexpr const char* known_sql = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE lower(name) = lower($1))";

// Clocks change at a quarter of an hour of UTC.
constexpr const char* clock_sql = R"(
WITH now AS (SELECT date_trunc('minute', clock_timestamp()) AS t),
quarters AS (
  SELECT q, q AT TIME ZONE $1 AS wall
    FROM now, generate_series(date_trunc('hour', t), t + interval '7 days', interval '15 minutes') AS q),
changes AS (SELECT q, wall - lag(wall) OVER (ORDER BY q) - interval '15 minutes' AS change FROM quarters)
SELECT extract(isodow FROM wall)::int - 1, extract(hour FROM wall)::int * 60 + extract(minute FROM wall)::int,
       extract(epoch FROM q - t)::int / 60, extract(epoch FROM change)::int / 60
  FROM (SELECT t, t AT TIME ZONE $1 AS wall FROM now) AS clock
  LEFT JOIN changes ON change <> interval '0' AND q > t
 ORDER BY q)";

constexpr int day_minutes = 24 * 60;
constexpr int week_minutes = 7 * day_minutes;

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

WallClock read_clock(const postgres::Result& answer) {
    const auto number = [&answer](int row, int column) { return static_cast<int>(answer.int64(row, column)); };
    WallClock clock{number(0, 0), number(0, 1)};
    for (int row = 0; row < answer.rows() && !answer.is_null(row, 2); ++row) {
        clock.changes.push_back({number(row, 2), number(row, 3)});
    }
    return clock;
}

}  // namespace

Task<WallClock> ask_wall_clock(postgres::Connection& connection, std::string zone) {
    // Asked once for each zone: the server reads all of its files for the answer.
    static std::set<std::string> known;
    if (!known.contains(zone)) {
        const bool listed = co_await is_listed(connection, zone);
        if (!listed) throw unknown_zone(zone);
        known.insert(zone);
    }
    std::optional<WallClock> clock;
    try {
        const auto answer = co_await connection.query(clock_sql, postgres::params(zone));
        clock = read_clock(answer);
    } catch (const postgres::PgError& error) {
        if (error.sqlstate() != "22023") throw;
    }
    if (!clock) throw unknown_zone(zone);
    co_return *clock;
}

std::chrono::minutes time_until(const config::Hours& hours, const WallClock& now) {
    int wall = now.day * day_minutes + now.minute;
    int passed = 0;
    const auto until = [&] { return hours.minutes_until(wall / day_minutes, wall % day_minutes); };
    for (const auto& change : now.changes) {
        const int left = change.in - passed;
        if (until() < left) break;
        wall = (wall + left + change.by + week_minutes) % week_minutes;
        passed = change.in;
    }
    return std::chrono::minutes{passed + until()};
}

std::string wait_in_words(const config::Hours& hours, const WallClock& now) {
    const auto left = std::chrono::duration_cast<milliseconds>(time_until(hours, now));
    return fmt::format("it is {} {:02}:{:02}, {} is in {}", day_names.at(static_cast<std::size_t>(now.day)),
                       now.minute / 60, now.minute % 60, hours.text(), format_duration(left));
}

}  // namespace pgwraith::throttle
