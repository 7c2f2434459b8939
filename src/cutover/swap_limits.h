// What bounds an attempt to swap, whatever becomes of us. Pure.
#pragma once

#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/transfer/applier.h"

namespace pgwraith::cutover {

// Few enough keys are left to be applied under the lock within a few milliseconds.
bool is_nearly_current(const transfer::PassResult& pass);

// SET statements for the session. A client that vanishes while it holds weak locks is in the way of vacuum and DDL
// only.
std::string session_sql(milliseconds max_blocked);
// From here on others wait for us: when we vanish the server lets go within about `max_blocked`.
std::string blocking_sql(int server_version, milliseconds max_blocked);
// Under the lock: max_blocked less the time already spent waiting is `left`.
std::string idling_sql(int server_version, milliseconds left);

}  // namespace pgwraith::cutover
