#include "pgwraith/throttle/wall_clock.h"

#include <gtest/gtest.h>

#include "../time_zone.h"

namespace pgwraith::throttle {
namespace {

constexpr int a_day = 24 * 60;

// What the clocks of a zone show in the minutes from a moment on.
class ChangedClocks : public InTimeZones {
  protected:
    // Noon of that day, and three weeks.
    void begin(const char* zone, int year, int month, int day) {
        enter(zone);
        std::tm noon{};
        noon.tm_year = year - 1900;
        noon.tm_mon = month - 1;
        noon.tm_mday = day;
        noon.tm_hour = 12;
        noon.tm_isdst = -1;
        const std::time_t first = std::mktime(&noon);
        shown_.clear();
        for (int minute = 0; minute < 21 * a_day; ++minute) shown_.push_back(shown_at(first + minute * 60));
    }

    // As the server would answer.
    WallClock at(int minute) const {
        const auto& now = shown_.at(static_cast<std::size_t>(minute));
        WallClock clock{now.day, now.minute};
        for (int next = 1; next <= 7 * a_day; ++next) {
            const long by = offset(minute + next) - offset(minute + next - 1);
            if (by != 0) clock.changes.push_back({next, static_cast<int>(by / 60)});
        }
        return clock;
    }

    // Every so many minutes of four days.
    void expect_truth(const std::string& written) const {
        const auto hours = config::Hours::parse(written);
        for (int minute = 0; minute < 4 * a_day; minute += 7) {
            int waits = 0;
            while (!open(hours, minute + waits)) ++waits;
            EXPECT_EQ(time_until(hours, at(minute)).count(), waits) << written << ", minute " << minute;
        }
    }

  private:
    long offset(int minute) const { return shown_.at(static_cast<std::size_t>(minute)).offset; }
    bool open(const config::Hours& hours, int minute) const {
        const auto& now = shown_.at(static_cast<std::size_t>(minute));
        return hours.contains(now.day, now.minute);
    }

    std::vector<ShownTime> shown_;
};

TEST_F(ChangedClocks, OfTheSummerMakeANightShorter) {
    begin("Europe/Berlin", 2026, 3, 26);  // a Thursday; on Sunday they go from 02:00 to 03:00
    for (const char* hours : {"Sun 04:00-05:00 Europe/Berlin", "Sat 22:00-06:00 Europe/Berlin",
                              "Sun 02:00-03:00 Europe/Berlin", "Sun 01:30-03:30 Europe/Berlin",
                              "Mon-Fri 03:00-04:00 Europe/Berlin", "Sun 02:30-02:45, Mon 02:30-02:45 Europe/Berlin"}) {
        expect_truth(hours);
    }
    const auto saturday_evening = at(2 * a_day + 10 * 60);
    EXPECT_EQ(wait_in_words(config::Hours::parse("Sun 04:00-05:00 Europe/Berlin"), saturday_evening),
              "it is Sat 22:00, Sun 04:00-05:00 Europe/Berlin is in 5h");
    EXPECT_EQ(time_until(config::Hours::parse("Sun 02:00-03:00 Europe/Berlin"), saturday_evening),
              std::chrono::minutes{3 * 60 + 7 * a_day})
        << "an hour that is left out";
}

TEST_F(ChangedClocks, OfTheWinterMakeANightLonger) {
    begin("Europe/Berlin", 2026, 10, 22);  // a Thursday; on Sunday they go from 03:00 to 02:00
    for (const char* hours :
         {"Sun 04:00-05:00 Europe/Berlin", "Sat 22:00-06:00 Europe/Berlin", "Sun 02:00-03:00 Europe/Berlin",
          "Sun 02:30-02:45 Europe/Berlin", "Sun 03:00-04:00 Europe/Berlin", "Mon-Fri 03:00-04:00 Europe/Berlin"}) {
        expect_truth(hours);
    }
    EXPECT_EQ(wait_in_words(config::Hours::parse("Sun 04:00-05:00 Europe/Berlin"), at(2 * a_day + 10 * 60)),
              "it is Sat 22:00, Sun 04:00-05:00 Europe/Berlin is in 7h");
}

TEST_F(ChangedClocks, OfLordHoweGoByHalfAnHour) {
    begin("Australia/Lord_Howe", 2026, 10, 1);
    for (const char* hours : {"Sun 02:00-02:30 Australia/Lord_Howe", "Sun 02:15-03:00 Australia/Lord_Howe"}) {
        expect_truth(hours);
    }
    begin("Australia/Lord_Howe", 2026, 4, 2);
    for (const char* hours : {"Sun 01:45-02:00 Australia/Lord_Howe", "Sun 02:00-03:00 Australia/Lord_Howe"}) {
        expect_truth(hours);
    }
}

}  // namespace
}  // namespace pgwraith::throttle
