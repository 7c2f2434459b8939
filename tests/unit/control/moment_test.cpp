#include "pgwraith/control/moment.h"

#include <gtest/gtest.h>

namespace pgwraith::control {
namespace {

using std::chrono::system_clock;

TEST(Moment, HasADateATimeAndAnOffset) {
    const auto expected = system_clock::from_time_t(1'795'827'600);  // 2026-11-28 01:00:00 UTC
    for (const char* text :
         {"2026-11-28T01:00Z", "2026-11-28 01:00:00Z", "2026-11-28T02:00+01:00", "2026-11-27T20:30:00-04:30"}) {
        EXPECT_EQ(parse_moment(text), expected) << text;
    }
}

TEST(Moment, IsStrict) {
    for (const char* text : {"", "now", "02:00", "2026-11-28", "2026-11-28T02:00", "2026-11-28T02:00 Europe/Berlin",
                             "2026-02-30T02:00Z", "2026-11-28T24:00Z", "2026-11-28T02:60Z", "2026-11-28T02:00+0100",
                             "2026-11-28T02:00:00.5Z", "2026-11-28T02:00Zx", "2026-11-28T02:00+99:00"}) {
        EXPECT_FALSE(parse_moment(text)) << text;
    }
}

}  // namespace
}  // namespace pgwraith::control
