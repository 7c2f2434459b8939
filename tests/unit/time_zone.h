// The C library's rules of time zones, which are the server's, for tests of what clocks on a wall show.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace pgwraith {

struct ShownTime {
    int day = 0;      // 0: Monday
    int minute = 0;   // of the day
    long offset = 0;  // seconds east of UTC
};

// The process's own zone comes back in the end.
class InTimeZones : public testing::Test {
  protected:
    void SetUp() override {
        if (const char* before = std::getenv("TZ")) before_ = before;
    }
    void TearDown() override {
        before_.empty() ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);
        tzset();
    }

    static void enter(const std::string& zone) {
        setenv("TZ", zone.c_str(), 1);
        tzset();
    }
    // In the zone that was entered last.
    static ShownTime shown_at(std::time_t moment) {
        std::tm wall{};
        localtime_r(&moment, &wall);
        return {(wall.tm_wday + 6) % 7, wall.tm_hour * 60 + wall.tm_min, wall.tm_gmtoff};
    }

  private:
    std::string before_;
};

}  // namespace pgwraith
