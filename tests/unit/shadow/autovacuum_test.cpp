#include "autovacuum.h"

#include <gtest/gtest.h>

namespace pgwraith::shadow {

TEST(AutovacuumOff, OtherParametersStayWhereTheyAre) {
    const auto off = autovacuum_off("s.t", {{"fillfactor", "70"}});
    EXPECT_EQ(off.now, "ALTER TABLE s.t SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)");
    EXPECT_EQ(off.at_swap, "ALTER TABLE s.t RESET (autovacuum_enabled, toast.autovacuum_enabled)");
}

TEST(AutovacuumOff, WhatWasTouchedComesBackInItsOrder) {
    const auto off = autovacuum_off("s.t", {{"autovacuum_enabled", "true"},
                                            {"fillfactor", "70"},
                                            {"autovacuum_freeze_max_age", "100000"},
                                            {"toast.autovacuum_enabled", "false"}});
    EXPECT_EQ(off.now,
              "ALTER TABLE s.t RESET (autovacuum_freeze_max_age), SET (autovacuum_enabled = false, "
              "toast.autovacuum_enabled = false)");
    EXPECT_EQ(off.at_swap,
              "ALTER TABLE s.t RESET (autovacuum_enabled, toast.autovacuum_enabled, fillfactor, "
              "autovacuum_freeze_max_age), SET (autovacuum_enabled = 'true', fillfactor = '70', "
              "autovacuum_freeze_max_age = '100000', toast.autovacuum_enabled = 'false')");
}

}  // namespace pgwraith::shadow
