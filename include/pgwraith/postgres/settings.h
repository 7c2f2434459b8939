// Which settings a session has. Three kinds of them matter: those that protect us and others (lock_timeout,
// row_security), the forms in which values are printed between our sessions, and those that change what a statement of
// the user's means or gives. The last ones are the database's and the role's own, never ours.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

using Settings = std::map<std::string, std::string>;

// No default of the role's or the database's may hurt us (statement_timeout, default_transaction_read_only, …), and
// row_security = off makes a hidden row an error. standard_conforming_strings, because our own literals are written for
// it.
Settings protecting_settings();

// In which keys travel as text. What is printed so is read alike under every DateStyle, IntervalStyle, bytea_output and
// TimeZone: dates with the year first, moments with their offset, intervals with a sign at each field that needs one.
// (money is not among them: it is printed and read under the lc_monetary of the database, in all sessions.)
Settings fixed_forms();

// An SQL condition, always true, that puts the fixed forms into force for the rest of the transaction.
std::string fixed_forms_condition();

// A setting of the database, the role, the configuration or the connection string that changes what is computed for a
// row, or how a name is found.
struct RowSetting {
    std::string name;
    std::string value;
    bool built_in = false;  // it has the value that PostgreSQL comes with
    bool custom = false;    // with a dot: it may hold anything, a secret too
};

// As a plain statement would have them. REQUIRES: a session that nobody has given others.
Task<std::vector<RowSetting>> read_row_settings(Connection& connection);

// Puts them into force where they are not, those that protect apart. REQUIRES: nothing but pg_catalog in the
// search_path. Throws Error(stopped) naming one that the role may not set.
Task<void> apply_row_settings(Connection& connection, Settings recorded);

// The search_path as it was set: for messages.
Task<std::string> path_in_words(Connection& connection);

// What stands before pg_catalog in the search_path and has the name of something built in: "function public.lower".
// Then statements of ours and definitions that the server prints could mean that. Empty: nothing.
Task<std::string> hidden_built_in(Connection& connection);

}  // namespace pgwraith::postgres
