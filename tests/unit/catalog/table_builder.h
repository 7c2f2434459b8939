// Tables for the pure tests, without a server.
#pragma once

#include <string>

#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog::testing {

inline Column plain_column(int attnum, std::string name, bool not_null = true) {
    Column column;
    column.attnum = attnum;
    column.name = std::move(name);
    column.type = 23;
    column.type_sql = "integer";
    column.base_type_sql = "integer";
    column.not_null = not_null;
    return column;
}

inline Index unique_index(std::string name, std::vector<int> key_attnums) {
    Index index;
    index.oid = 1000;
    index.name = std::move(name);
    index.unique = true;
    index.method = "btree";
    index.key_attnums = std::move(key_attnums);
    return index;
}

inline Index primary_index(std::string name, std::vector<int> key_attnums) {
    Index index = unique_index(std::move(name), std::move(key_attnums));
    index.primary = true;
    return index;
}

// app.t (a, b, c null) with primary key (a), attribute numbers 1, 3, 4: one column was dropped.
inline Table small_table() {
    Table table;
    table.oid = 4711;
    table.name = {"app", "t"};
    table.kind = RelationKind::table;
    table.persistence = Persistence::permanent;
    table.replica_identity = IdentityKind::primary_key;
    table.access_method = "heap";
    table.owner = "owner";
    table.columns = {plain_column(1, "a"), plain_column(3, "b"), plain_column(4, "c", false)};
    table.indexes = {primary_index("t_pkey", {1})};
    return table;
}

}  // namespace pgwraith::catalog::testing
