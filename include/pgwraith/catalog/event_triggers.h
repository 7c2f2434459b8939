// Event triggers of the database: functions of others that run within our own statements.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

struct EventTrigger {
    std::string name;      // quoted where it must be
    std::string function;  // schema.name, likewise
};

// The event triggers that fire for our sessions.
Task<std::vector<EventTrigger>> read_event_triggers(postgres::Connection& connection);

// The server's message, and the event trigger that raised it, if one did.
std::string message_with_origin(const std::vector<EventTrigger>& triggers, const postgres::PgError& error);
// What to do: about the event trigger, or `otherwise`.
std::string remedy_for(const std::vector<EventTrigger>& triggers, const postgres::PgError& error,
                       const std::string& otherwise);

// event trigger no (function public.no), …
std::string in_words(const std::vector<EventTrigger>& triggers);

}  // namespace pgwraith::catalog
