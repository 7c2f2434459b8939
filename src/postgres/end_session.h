// The end of a session in which a statement, or a replication stream, is still under way.
#pragma once

#include <libpq-fe.h>

#include <string_view>

#include "pgwraith/base/units.h"

namespace pgwraith::postgres {

enum class Copying { none, in, out };

struct Ending {
    bool streaming = false;  // a replication stream: its end is agreed on with the server
    Copying copying = Copying::none;
    std::string_view last_words;  // what makes a COPY of what was sent, when it is the server that reads
    milliseconds patience{0};     // a statement may still run for so long before the server is asked to stop it
};

// Blocks for `patience` and about a second at most. A session that is merely closed leaves "connection to client lost"
// in the server's log, a stream that is cancelled an error: so the server's last word is waited for.
void end_session(PGconn* connection, Ending ending);

}  // namespace pgwraith::postgres
