// Which server a connection string means, for messages.
#pragma once

#include <optional>
#include <string>

namespace pgwraith::postgres {

// "replica2:5433", "replica2". nullopt: libpq takes it for no connection string; what is wrong with it libpq says in
// words that may hold a part of a password, so nobody says more.
std::optional<std::string> server_name(const std::string& conninfo);

}  // namespace pgwraith::postgres
