// now() and its like in an expression: one moment for all rows, as in a plain ALTER TABLE.
#pragma once

#include <string>

namespace pgwraith::plan {

// One moment, as texts that mean the same under every DateStyle; those without a zone as the session's zone has it.
struct Moment {
    std::string timestamp_with_zone;
    std::string timestamp;
    std::string date;
    std::string time_with_zone;
    std::string time;
};

// The expression with that moment in the place of now(), transaction_timestamp(), statement_timestamp(),
// CURRENT_TIMESTAMP and the other words of SQL for the current date and time. Pure. What is no expression of
// PostgreSQL 15's grammar comes back as it is.
std::string freeze_moments(const std::string& expression, const Moment& moment);

}  // namespace pgwraith::plan
