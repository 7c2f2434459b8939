// Which indexes and constraints the user's statements rename.
#pragma once

#include <map>
#include <string>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

struct PartNames {
    std::map<Oid, std::string> indexes;
    std::map<Oid, std::string> constraints;
};

Task<PartNames> read_part_names(postgres::Connection& connection, QualifiedName table);

// The old name and the new one of those that are the same object under another.
std::map<std::string, std::string> renamed(const std::map<Oid, std::string>& before,
                                           const std::map<Oid, std::string>& now);

}  // namespace pgwraith::shadow
