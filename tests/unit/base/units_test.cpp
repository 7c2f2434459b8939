#include "pgwraith/base/units.h"

#include <limits>

#include <gtest/gtest.h>

namespace pgwraith {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, TakesWholeNumbersWithAUnit) {
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("10s"), seconds(10));
    EXPECT_EQ(parse_duration("5m"), minutes(5));
    EXPECT_EQ(parse_duration("2h"), hours(2));
    EXPECT_EQ(parse_duration("1d"), hours(24));
}

TEST(ParseDuration, RefusesEverythingElse) {
    for (const char* text : {"", "10", "s", "1.5s", "-1s", "+1s", "10 s", " 10s", "10s ", "10S", "10sec", "1h30m",
                             "9223372036854775807s", "99999999999999999999ms"}) {
        EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
    }
}

TEST(ParseSize, TakesBinaryAndDecimalUnits) {
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 65'536U);
    EXPECT_EQ(parse_size("64MiB"), 67'108'864U);
    EXPECT_EQ(parse_size("1GiB"), 1'073'741'824U);
    EXPECT_EQ(parse_size("2TiB"), 2'199'023'255'552U);
    EXPECT_EQ(parse_size("3kB"), 3'000U);
    EXPECT_EQ(parse_size("3MB"), 3'000'000U);
    EXPECT_EQ(parse_size("3GB"), 3'000'000'000U);
    EXPECT_EQ(parse_size("3TB"), 3'000'000'000'000U);
}

TEST(ParseSize, RefusesEverythingElse) {
    for (const char* text : {"", "64", "MiB", "-1B", "64 MiB", "64M", "64mb", "64KB", "1.5GiB", "16777216TiB"}) {
        EXPECT_FALSE(parse_size(text)) << '"' << text << '"';
    }
}

TEST(FormatDuration, UsesTheTwoUnitsThatMatter) {
    EXPECT_EQ(format_duration(milliseconds(0)), "0ms");
    EXPECT_EQ(format_duration(milliseconds(850)), "850ms");
    EXPECT_EQ(format_duration(milliseconds(4'250)), "4.2s");
    EXPECT_EQ(format_duration(seconds(10)), "10s");
    EXPECT_EQ(format_duration(milliseconds(59'999)), "59.9s");
    EXPECT_EQ(format_duration(seconds(200)), "3m 20s");
    EXPECT_EQ(format_duration(minutes(5)), "5m");
    EXPECT_EQ(format_duration(minutes(61)), "1h 1m");
    EXPECT_EQ(format_duration(hours(28)), "1d 4h");
    EXPECT_EQ(format_duration(milliseconds(-1'500)), "-1.5s");
    EXPECT_EQ(format_duration(milliseconds::min()).front(), '-');
}

TEST(FormatSize, UsesBinaryUnits) {
    EXPECT_EQ(format_size(0), "0 B");
    EXPECT_EQ(format_size(1'023), "1023 B");
    EXPECT_EQ(format_size(65'536), "64 KiB");
    EXPECT_EQ(format_size(18'140'365), "17.3 MiB");
    EXPECT_EQ(format_size(1'048'575), "1023.9 KiB");
    EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "16777215.9 TiB");
}

TEST(FormatCount, SeparatesThousands) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1'000), "1,000");
    EXPECT_EQ(format_count(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace pgwraith
