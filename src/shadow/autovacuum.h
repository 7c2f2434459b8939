// Autovacuum keeps off the shadow until the swap.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// Nobody reads the shadow, we vacuum it ourselves, and an autovacuum on it would be in the way of the swap. Returns the
// statements by which the swap gives the table the storage parameters that it has now, in their order.
Task<std::vector<std::string>> keep_autovacuum_off(postgres::Connection& connection, Oid shadow_oid,
                                                   QualifiedName shadow);

// The pure part. `parameters`: name (toast.… for those of the TOAST table) and value, in order.
struct StorageParameter {
    std::string name;
    std::string value;
};
struct AutovacuumOff {
    std::string now;
    std::string at_swap;
};
AutovacuumOff autovacuum_off(const std::string& table, const std::vector<StorageParameter>& parameters);

}  // namespace pgwraith::shadow
