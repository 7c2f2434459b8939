// The locks of the swap.
#pragma once

#include <string>

#include "pgwraith/carry/swap.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::cutover {

// One statement that takes them all, or fails with lock_not_available.
std::string lock_statement(const carry::SwapPlan& plan, const QualifiedName& live, milliseconds timeout);

// After that statement and the rest of the swap, `total_ms` in all: how long anybody can have waited for us at a
// stretch. Locks that were given back in between do not add up. Never throws PgError: when the session is gone, it is
// all of it.
Task<double> longest_wait(postgres::Connection& session, double total_ms);

}  // namespace pgwraith::cutover
