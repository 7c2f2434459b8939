// What time it is in a time zone: the server has their rules, and is who everybody else goes by.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pgwraith/config/hours.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::throttle {

// The clocks are put forward, or back, such as for the summer.
struct ClockChange {
    int in = 0;  // minutes from now
    int by = 0;  // minutes; negative: back
};

struct WallClock {
    int day = 0;                         // 0: Monday
    int minute = 0;                      // of the day
    std::vector<ClockChange> changes{};  // of the week that comes, in their order
};

// Throws Error(usage) when the server has no such zone.
Task<WallClock> ask_wall_clock(postgres::Connection& connection, std::string zone);

// Until the hours begin next; 0 while they last. Pure.
std::chrono::minutes time_until(const config::Hours& hours, const WallClock& now);

// "it is Fri 21:30, Sat 02:00-05:00 Europe/Berlin is in 4h 30m".
std::string wait_in_words(const config::Hours& hours, const WallClock& now);

}  // namespace pgwraith::throttle
