// Replication origins (PostgreSQL documentation, "Replication Progress Tracking"), from PostgreSQL 16 on: the sessions
// that fill the shadow have one each, and the change stream is asked to leave out changes with an origin. So the
// server need not decode our own writes for us, and they are most of the writes during the copy.
//
// `origin 'none'` hides the changes of every session with an origin, a subscription's for instance. So it is used only
// while all origins are pgwraith's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/postgres/sessions.h"

namespace pgwraith::capture {

// May the stream leave out changes with an origin? The server is new enough, the role may use origins, and all of them
// (of the whole cluster, as far as this transaction's snapshot shows) are pgwraith's.
Task<bool> may_leave_out_origins(postgres::Connection& connection);

// While the stream leaves out changes with an origin, the origins are looked at so often.
constexpr milliseconds origins_looked_at_every{1'000};
// The last look was no longer ago than that: what happened since counts as looked at. Pure.
bool looked_lately(std::optional<Clock::time_point> looked, Clock::time_point now);

// There is an origin now that is not ours.
Task<bool> foreign_origins(postgres::Connection& connection);

// A session that writes to the shadow: has the origin `<slot>_<purpose>` where the role may. Where it may not, or no
// origin is free, it writes without one: then the server decodes changes that nobody reads.
Task<std::unique_ptr<postgres::Connection>> open_writer(const postgres::Sessions& sessions, std::string slot,
                                                        std::string purpose);

// All origins of the migration with that slot.
Task<std::vector<std::string>> find_origins(postgres::Connection& connection, std::string slot);
// Waits a while for sessions that have not ended yet. Throws Error(stopped) when one stays in use.
Task<void> drop_origins(postgres::Connection& connection, std::vector<std::string> names);

}  // namespace pgwraith::capture
