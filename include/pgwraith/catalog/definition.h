// The definition of the live table as a set of facts, to notice that somebody changed it meanwhile.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

// One fact: what it is about ("column", "index", "trigger", "view that depends on it", "privilege", …), its
// name, and its whole definition as text. Two definitions are equal when their facts are.
struct Fact {
    std::string about;
    std::string name;
    std::string definition;

    auto operator<=>(const Fact&) const = default;
};

using Definition = std::vector<Fact>;  // sorted

// For the journal: a fact is an array of its three texts.
void to_json(nlohmann::json& json, const Fact& fact);
void from_json(const nlohmann::json& json, Fact& fact);

// Not part of the definition: other users of a sequence of the table, whether keys and checks have been validated,
// indexes that are being made (or failed), and temporary tables and views of sessions.
//
// A few milliseconds: it also runs under the cutover's lock. The first call of a session takes longer (it prepares
// the statement), so call it once before the lock. Turns jit off for the rest of the caller's transaction.
// Contains everything that would change what is to be carried over; not what changes by itself (statistics, file
// node, sequence values), nor what the migration of this table itself makes: its publication and all in its two
// schemas.
Task<Definition> read_definition(postgres::Connection& connection, Oid oid);

// The same table with that index of it as replica identity.
Task<Definition> with_identity(postgres::Connection& connection, Definition definition, Oid index);

// Privileges, comments, settings, what is enabled: the swap gives the new table those that the live table has at that
// moment. The copy and the shadow do not depend on them.
bool is_taken_along(const Fact& fact);

// Changes that make the swap wrong, and changes that the swap takes along; a line each.
struct DefinitionChanges {
    std::vector<std::string> drift;
    std::vector<std::string> taken_along;
};
DefinitionChanges changes(const Definition& before, const Definition& now);

// What changed from `before` to `now`, a line each ("view app.v1 appeared", "column note: … became …");
// empty when nothing did.
std::vector<std::string> differences(const Definition& before, const Definition& now);

}  // namespace pgwraith::catalog
