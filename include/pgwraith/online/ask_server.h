// What only the server knows of a change: asked on an empty table of the same shape, in a transaction that is rolled
// back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/parts.h"
#include "pgwraith/plan/ways.h"

namespace pgwraith::online {

struct Question {
    std::string sql;                            // of the configuration, read as the role's session reads it
    std::map<std::string, std::string> values;  // likewise
    std::string schema;                         // for the stand-in; nobody has one of that name
    std::vector<catalog::EventTrigger> event_triggers;
};

struct Answer {
    std::vector<plan::Part> parts;
    plan::ServerSays says;
    std::vector<plan::WayOfPart> ways;     // a place for each part, of says.names too
    std::vector<std::string> passed_over;  // what IF [NOT] EXISTS makes nothing of: "DROP INDEX i"
    // What the server does not take, in its words; then the parts end before it.
    std::optional<catalog::Refusal> refused;
};

// REQUIRES: a session for rows, and no transaction in it. Throws Error(refused) for what parse_user_sql() refuses, and
// for a table of which the server takes no copy.
Task<Answer> ask_server(postgres::Connection& connection, catalog::Table live, Question question);

}  // namespace pgwraith::online
