// What is bound to the table alone and is made anew on its successor: triggers, rules, policies, publications.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::carry {

// One such thing, as the statements that make it on a table called `target` (qualified and quoted).
struct Attached {
    std::string identity;  // in words, for messages
    std::vector<std::string> sql;
};

Task<std::vector<Attached>> read_triggers(postgres::Connection& connection, Oid live, std::string target);
Task<std::vector<Attached>> read_rules(postgres::Connection& connection, Oid live, std::string target);
Task<std::vector<Attached>> read_policies(postgres::Connection& connection, Oid live, std::string target);
Task<std::vector<Attached>> read_publications(postgres::Connection& connection, Oid live, std::string target);

// All of the live table's for the new one: with its columns' new names. Nothing that is tried for it stays.
// Error(refused): one that cannot follow a renamed column.
Task<std::vector<Attached>> read_attached(postgres::Connection& connection, CarryContext context, std::string target);

// Uses of an owned sequence that the change takes away: Error(refused), each named. In the shadow's transaction.
Task<void> check_sequences(postgres::Connection& connection, CarryContext context);

// Enabled states as the catalogs have them, as the word between ALTER TABLE … and TRIGGER or RULE; empty: the default.
std::string enabled_word(char state);

}  // namespace pgwraith::carry
