#include "pgwraith/config/hours.h"

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

}  // namespace
}  // namespace pgwraith::config
