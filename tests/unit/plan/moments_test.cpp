#include "pgwraith/plan/moments.h"

#include <gtest/gtest.h>

namespace pgwraith::plan {
namespace {

const Moment at{"2026-01-02 03:04:05.6+00", "2026-01-02 12:04:05.6", "2026-01-02", "12:04:05.6+09:00", "12:04:05.6"};
constexpr const char* moment = "('2026-01-02 03:04:05.6+00'::timestamp with time zone)";

TEST(Moments, NowIsOneMoment) {
    EXPECT_EQ(freeze_moments("now()", at), moment);
    EXPECT_EQ(freeze_moments("pg_catalog.now ( ) + '1 day'", at), std::string(moment) + " + '1 day'");
    EXPECT_EQ(freeze_moments("(transaction_timestamp() - statement_timestamp())", at),
              std::string("(") + moment + " - " + moment + ")");
    EXPECT_EQ(freeze_moments("CURRENT_TIMESTAMP", at), moment);
}

TEST(Moments, WordsOfSql) {
    EXPECT_EQ(freeze_moments("(CURRENT_DATE)", at), "(('2026-01-02'::date))");
    EXPECT_EQ(freeze_moments("coalesce(a, LOCALTIMESTAMP(0), localtime)", at),
              "coalesce(a, ('2026-01-02 12:04:05.6'::timestamp(0)), ('12:04:05.6'::time))");
    EXPECT_EQ(freeze_moments("CURRENT_TIMESTAMP(3)::text || current_time", at),
              "('2026-01-02 03:04:05.6+00'::timestamp(3) with time zone)::text || ('12:04:05.6+09:00'::time with time "
              "zone)");
}

TEST(Moments, NothingElse) {
    for (const char* expression : {"clock_timestamp()", "'now()'", "\"now\"", "mine.now()", "now(a)", "CURRENT_USER",
                                   "a.now", "no expression ("}) {
        EXPECT_EQ(freeze_moments(expression, at), expression);
    }
}

}  // namespace
}  // namespace pgwraith::plan
