// Autovacuum keeps off the shadow until the swap.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// Nobody reads the shadow, we vacuum it ourselves, and an autovacuum on it would be in the way of the swap. What it has
// now, in order, and the statement by which the swap gives it that again, go into the blueprint.
Task<void> keep_autovacuum_off(postgres::Connection& connection, QualifiedName shadow, Blueprint& blueprint);

// The pure part. `parameters`: in order.
struct AutovacuumOff {
    std::string now;
    std::string at_swap;
};
AutovacuumOff autovacuum_off(const std::string& table, const std::vector<StorageParameter>& parameters);

}  // namespace pgwraith::shadow
