// The settings of a session. Three kinds matter: settings that protect us and others (lock_timeout, row_security),
// settings for the form in which our sessions print values, and settings that change the meaning or the result of a
// user's statement. The last kind comes from the database and the role, never from us.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

using Settings = std::map<std::string, std::string>;

// They override defaults of the role or the database that would hurt us (statement_timeout,
// default_transaction_read_only, …). row_security = off makes a hidden row an error. Our own literals are written for
// standard_conforming_strings.
Settings protecting_settings();

// The forms in which keys travel as text. The server reads such a text the same way under every DateStyle,
// IntervalStyle, bytea_output and TimeZone: dates have the year first, timestamps their offset, intervals a sign at
// each field that needs one. (money has no such form: all sessions print and read it under the database's lc_monetary.)
Settings fixed_forms();

// An SQL condition, always true, that puts the fixed forms into force for the rest of the transaction.
std::string fixed_forms_condition();

// A setting of the database, the role, the configuration or the connection string that changes what is computed for a
// row, or how a name is found.
struct RowSetting {
    std::string name;
    std::string value;
    bool built_in = false;  // its value is PostgreSQL's built-in default
    bool custom = false;    // with a dot: it may hold anything, a secret too
};

// The settings that a plain statement would have. REQUIRES: a session in which nothing was set.
Task<std::vector<RowSetting>> read_row_settings(Connection& connection);

// Sets each of them that has another value, except the settings that protect. REQUIRES: nothing but pg_catalog in the
// search_path. Throws Error(stopped) naming a setting that the role may not set.
Task<void> apply_row_settings(Connection& connection, Settings recorded);

// The search_path as it was set: for messages.
Task<std::string> path_in_words(Connection& connection);

// An object in a schema before pg_catalog in the search_path that has the name of something built in: "function
// public.lower". Our statements, and definitions that the server prints, could mean that object. Empty: there is none.
Task<std::string> hidden_built_in(Connection& connection);

}  // namespace pgwraith::postgres
