// Rows that violate a foreign key.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::carry {

struct KeyColumns {
    QualifiedName child;  // as the answer calls them
    QualifiedName parent;
    std::vector<std::string> child_columns;
    std::vector<std::string> parent_columns;
    bool match_full = false;
    std::string child_rows;  // where the rows are, as FROM takes it; empty: in the table of that name
    std::string parent_rows;
};

// Their number and some of their values, in words; empty: there are none. Reads both tables.
Task<std::string> find_orphans(postgres::Connection& connection, KeyColumns key);
// The query: values of orphans with the number of all, the most frequent first; one row more than are named. Pure.
std::string orphans_sql(const KeyColumns& key);

// The same for the key that `statement`, an ALTER TABLE … VALIDATE CONSTRAINT, could not validate. Empty, too, when it
// is another statement.
Task<std::string> find_orphans_of(postgres::Connection& connection, std::string statement, std::string constraint);

std::string validate_sql(const QualifiedName& child, const std::string& constraint);

}  // namespace pgwraith::carry
