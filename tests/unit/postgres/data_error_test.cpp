#include "pgwraith/postgres/data_error.h"

#include <gtest/gtest.h>

namespace pgwraith::postgres {
namespace {

TEST(DataError, IsWhatARowCanBeTheCauseOf) {
    for (const char* state :
         {"22P02", "23514", "23505", "P0001", "54000", "2F003", "38000", "44000", "21000", "20000"}) {
        EXPECT_TRUE(is_data_error(PgError(state, "x"))) << state;
    }
}

TEST(DataError, IsNothingThatPassesAndNoMissingRight) {
    for (const char* state : {"40001", "57P01", "53300", "42501", "42P01", "08006", ""}) {
        EXPECT_FALSE(is_data_error(PgError(state, "x"))) << state;
    }
}

}  // namespace
}  // namespace pgwraith::postgres
