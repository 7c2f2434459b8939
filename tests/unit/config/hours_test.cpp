#include "pgwraith/config/hours.h"

#include "../time_zone.h"
#include "helpers.h"
#include "pgwraith/base/error.h"

namespace pgwraith::config {
namespace {

enum Day { mon, tue, wed, thu, fri, sat, sun };

constexpr int at(int hour, int minute = 0) { return hour * 60 + minute; }

TEST(Hours, NothingIsAlways) {
    const auto hours = Hours::parse(" ");
    EXPECT_TRUE(hours.always());
    EXPECT_TRUE(hours.contains(sun, at(23, 59)));
    EXPECT_EQ(hours, Hours{});
}

TEST(Hours, OneDay) {
    const auto hours = Hours::parse("Sat 02:00-05:00 Europe/Berlin");
    EXPECT_EQ(hours.zone(), "Europe/Berlin");
    EXPECT_EQ(hours.text(), "Sat 02:00-05:00 Europe/Berlin");
    EXPECT_TRUE(hours.contains(sat, at(2)));
    EXPECT_TRUE(hours.contains(sat, at(4, 59)));
    EXPECT_FALSE(hours.contains(sat, at(5)));
    EXPECT_FALSE(hours.contains(sat, at(1, 59)));
    EXPECT_FALSE(hours.contains(fri, at(3)));
    EXPECT_EQ(hours.minutes_until(sat, at(1, 30)), 30);
    EXPECT_EQ(hours.minutes_until(sat, at(5)), 7 * 24 * 60 - 180);
}

TEST(Hours, WithoutADayItIsEveryDayAndANightBelongsToTheDayOnWhichItBegins) {
    const auto nights = Hours::parse("22:00-06:00 UTC");
    EXPECT_TRUE(nights.contains(wed, at(23)));
    EXPECT_TRUE(nights.contains(wed, at(5)));
    EXPECT_FALSE(nights.contains(wed, at(6)));
    const auto sundays = Hours::parse("Sun 22:00-06:00 UTC");
    EXPECT_TRUE(sundays.contains(sun, at(22)));
    EXPECT_TRUE(sundays.contains(mon, at(5, 59))) << "beyond the week's end";
    EXPECT_FALSE(sundays.contains(sun, at(5)));
}

TEST(Hours, SeveralSpansAndDaysInARow) {
    const auto hours = Hours::parse("Fri-Mon 20:00-24:00,  Wed 00:00-24:00   Etc/GMT+5");
    EXPECT_EQ(hours.zone(), "Etc/GMT+5");
    for (const int day : {fri, sat, sun, mon}) EXPECT_TRUE(hours.contains(day, at(23, 59))) << day;
    for (const int day : {tue, thu}) EXPECT_FALSE(hours.contains(day, at(20))) << day;
    EXPECT_TRUE(hours.contains(wed, at(0)));
    EXPECT_FALSE(hours.contains(thu, at(0)));
}

TEST(Hours, IsStrict) {
    for (const char* wrong :
         {"Sat 02:00-05:00", "02:00-05:00 Sat", "Sat 2:00-5:00 UTC", "Sat 02:00 UTC", "Sat 02:00-02:00 UTC",
          "Sat 24:00-02:00 UTC", "Sat 02:00-25:00 UTC", "Sat 02:60-05:00 UTC", "Saturday 02:00-05:00 UTC",
          "sat 02:00-05:00 UTC", "02:00-05:00, UTC", "Sat, 02:00-05:00 UTC", "Sat 02:00 - 05:00 UTC", "UTC",
          "Sat 02:00-05:00 'UTC'", "Sat-Foo 02:00-05:00 UTC", "Sat 02:00-05:00x UTC"}) {
        EXPECT_THROW(Hours::parse(wrong), Error) << wrong;
    }
}

TEST(Hours, ANightCrossesMidnight) {
    const auto night = Hours::parse("Sat 23:30-00:30 UTC");
    EXPECT_EQ(night.minutes_until(sat, at(23, 29)), 1);
    EXPECT_TRUE(night.contains(sat, at(23, 30)));
    EXPECT_TRUE(night.contains(sat, at(23, 59)));
    EXPECT_TRUE(night.contains(sun, at(0)));
    EXPECT_TRUE(night.contains(sun, at(0, 29)));
    EXPECT_FALSE(night.contains(sun, at(0, 30)));
    EXPECT_FALSE(night.contains(sat, at(0, 15))) << "that would be Friday's";
    EXPECT_EQ(night.minutes_until(sun, at(0, 30)), 7 * 24 * 60 - 60);
}

class WallClocks : public InTimeZones {
  protected:
    static std::tm utc(int year, int month, int day, int hour) {
        std::tm moment{};
        moment.tm_year = year - 1900;
        moment.tm_mon = month - 1;
        moment.tm_mday = day;
        moment.tm_hour = hour;
        return moment;
    }

    // Of so many minutes from `begin` on, those that lie in the hours.
    static int minutes_open(const Hours& hours, std::tm begin, int minutes) {
        enter(hours.zone());
        const std::time_t first = timegm(&begin);
        int open = 0;
        for (int minute = 0; minute < minutes; ++minute) {
            const auto shown = shown_at(first + minute * 60);
            open += hours.contains(shown.day, shown.minute) ? 1 : 0;
        }
        return open;
    }

    static constexpr int day = 24 * 60;
};

TEST_F(WallClocks, AnHourThatIsLeftOutHasNoWindow) {
    const auto spring = utc(2026, 3, 28, 12);  // the day before the clocks of Berlin go from 02:00 to 03:00
    EXPECT_EQ(minutes_open(Hours::parse("Sun 02:00-03:00 Europe/Berlin"), spring, day), 0);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 01:30-03:30 Europe/Berlin"), spring, day), 60);
    EXPECT_EQ(minutes_open(Hours::parse("Sat 22:00-06:00 Europe/Berlin"), spring, day), 7 * 60);
    EXPECT_EQ(minutes_open(Hours::parse("Sat 22:00-06:00 UTC"), spring, day), 8 * 60);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 02:00-03:00 Europe/Berlin"), utc(2026, 4, 4, 12), day), 60)
        << "a week later";
}

TEST_F(WallClocks, AnHourThatComesTwiceIsAWindowTwice) {
    const auto autumn = utc(2026, 10, 24, 12);  // the day before the clocks of Berlin go from 03:00 to 02:00
    EXPECT_EQ(minutes_open(Hours::parse("Sun 02:00-03:00 Europe/Berlin"), autumn, day), 120);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 02:30-02:45 Europe/Berlin"), autumn, day), 30);
    EXPECT_EQ(minutes_open(Hours::parse("Sat 22:00-06:00 Europe/Berlin"), autumn, day), 9 * 60);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 03:00-04:00 Europe/Berlin"), autumn, day), 60);
}

TEST_F(WallClocks, OfLordHoweChangeByHalfAnHour) {
    const auto spring = utc(2026, 10, 3, 3);  // there 13:30 on Saturday; at night they go from 02:00 to 02:30
    EXPECT_EQ(minutes_open(Hours::parse("Sun 02:00-02:30 Australia/Lord_Howe"), spring, day), 0);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 01:00-03:00 Australia/Lord_Howe"), spring, day), 90);
    EXPECT_EQ(minutes_open(Hours::parse("Sat 23:45-02:15 Australia/Lord_Howe"), spring, day), 135);
    const auto autumn = utc(2026, 4, 4, 3);  // at night they go from 02:00 to 01:30
    EXPECT_EQ(minutes_open(Hours::parse("Sun 01:30-02:00 Australia/Lord_Howe"), autumn, day), 60);
    EXPECT_EQ(minutes_open(Hours::parse("Sun 01:45-02:15 Australia/Lord_Howe"), autumn, day), 45);
    EXPECT_EQ(minutes_open(Hours::parse("Sat 23:45-02:15 Australia/Lord_Howe"), autumn, day), 180);
}

}  // namespace
}  // namespace pgwraith::config
