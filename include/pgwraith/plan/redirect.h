// The same query with other relations in the place of some.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

// Every relation that `sql`, one statement, reads and that is a key of `to` is replaced and goes by its old name, if
// need be as its alias. `search_path`: the schemas in which a bare name is looked for. nullopt: it cannot be done,
// because the text is not what PostgreSQL 15's grammar takes (a later version's may) or is put in a way that leaves no
// room for it.
std::optional<std::string> redirect(const std::string& sql, const std::vector<std::string>& search_path,
                                    const std::map<QualifiedName, QualifiedName>& to);

// `text` with `by` wherever it says `name`, as the server writes it, and not a longer name.
std::string with_name(std::string text, const std::string& name, const std::string& by);

// True for exactly one SELECT, VALUES or TABLE; nullopt: PostgreSQL 15's grammar does not take it.
std::optional<bool> is_one_query(const std::string& sql);

}  // namespace pgwraith::plan
