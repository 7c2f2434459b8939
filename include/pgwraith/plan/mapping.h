// How each column of the new table is computed from a row of the old one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {

struct MappedColumn {
    std::string name;                     // in the new table
    std::string type_sql;                 // in the new table
    std::optional<std::string> old_name;  // the column it comes from, if it is one
    // SQL over the old row (columns unqualified); nullopt: not inserted (generated, or filled by its default).
    std::optional<std::string> expression;
    // What verification compares with the new column; nullopt when it cannot be compared (a default that is not
    // immutable, a sequence, a generated column). Whether an expression of `values` or USING is volatile only the
    // server knows.
    std::optional<std::string> verify_expression;
    std::string origin;  // for the plan: "same", "cast", "USING", "values", "default", "generated"
};

// A key column on both sides. Values stay, name and type may change.
struct MappedKeyColumn {
    catalog::KeyColumn live;
    std::string shadow_name;
    std::string shadow_type_sql;  // format_type(atttypid, -1) of the shadow's column
};

struct Mapping {
    std::vector<MappedColumn> columns;  // in the new table's order
    std::vector<MappedKeyColumn> key;   // in key order
    std::vector<std::string> dropped;   // old columns that the new table lacks
    // A row that stands in the new table can be updated: an index on the followed key is there for INSERT … ON
    // CONFLICT, and each column that is filled can be set. The server says so while the shadow is made.
    bool updatable = false;
};

// Pure. `shadow` is the shadow after the user's statements; it began as an exact copy of `live` without
// holes, so its column n (1-based, n <= live's count) is live's n-th, whatever its name is now.
// A regclass that names the live table becomes one that names the shadow.
// Throws Error(refused) for: a `values` key that is no column of the new table, or whose expression reads another
// relation; `values` or USING on a key column; a key column dropped, or changed to a type that does not keep value and
// order (allowed: smallint, integer, bigint, numeric upwards; varchar, text; the same type with a modifier that is not
// narrower) or its collation; a new NOT NULL column for which nothing says what existing rows get.
Mapping map_columns(const catalog::Table& live, const catalog::Key& key, const catalog::Table& shadow,
                    const UserSql& sql, const std::map<std::string, std::string>& values);

// A column whose values nothing can be compared with, and why: what the operator is told.
struct Unverified {
    std::string column;
    std::string why;  // a sentence
};
std::vector<Unverified> unverified_columns(const Mapping& mapping);

// The comma-separated target list and select list of the copying INSERT.
std::string insert_columns(const Mapping& mapping);
std::string select_expressions(const Mapping& mapping);

}  // namespace pgwraith::plan
