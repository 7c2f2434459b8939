// What time it is in a time zone: the server has their rules, and is who everybody else goes by.
#pragma once

#include <string>

#include "pgwraith/config/hours.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::throttle {

struct WallClock {
    int day = 0;     // 0: Monday
    int minute = 0;  // of the day
};

// Throws Error(usage) when the server has no such zone.
Task<WallClock> ask_wall_clock(postgres::Connection& connection, std::string zone);

// "it is Fri 21:30, Sat 02:00-05:00 Europe/Berlin is in 4h 30m".
std::string wait_in_words(const config::Hours& hours, WallClock now);

}  // namespace pgwraith::throttle
