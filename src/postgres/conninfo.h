// What a connection string asks for, as libpq reads it, and what a refused connection means.
#pragma once

#include <optional>
#include <string>

namespace pgwraith::postgres {

// The target_session_attrs to add to `conninfo`: "primary" when it (or PGHOST …) names several servers and says nothing
// itself. Throws Error(usage) when it asks for a standby.
std::optional<std::string> missing_target(const std::string& conninfo);

// libpq gives no SQLSTATE for a connection that was refused: 53300 when its text is one of the server's for a limit of
// connections (of the role, the database, the server, its walsenders) in English, empty otherwise.
std::string state_of_refusal(const std::string& message);

// libpq's words on why there is no connection, a line for each server that it tried: without its question, which is a
// line of its own, and with semicolons between the lines.
std::string in_one_line(const std::string& message);

// Whether a server has answered, or libpq says why none has. In every language the server's severity stands first.
bool was_said_by_server(const std::string& message);
// The SQLSTATE that a message consists of under PQERRORS_SQLSTATE; empty: it holds none.
std::string state_said(const std::string& message);

}  // namespace pgwraith::postgres
