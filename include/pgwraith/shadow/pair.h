// The live table and its shadow, and the SQL statements that compare and carry rows between them.
#pragma once

#include <string>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"

namespace pgwraith::shadow {

struct Pair {
    Oid live_oid = 0;
    QualifiedName live;
    Oid shadow_oid = 0;
    QualifiedName shadow;
    plan::Mapping mapping;
    std::string slot = {};  // names the replication origins of the sessions that write to the shadow
};

// INSERT … SELECT of the heap blocks [$1, $2) of the live table, or of what `where` selects.
std::string copy_sql(const Pair& pair, const std::string& where);
std::string block_range(std::uint32_t begin, std::uint32_t end);  // ctid >= '(a,0)' AND ctid < '(b,0)'

// The statement pair of the applier. Parameters: transfer::key_params().
std::string delete_keys_sql(const Pair& pair);
std::string insert_keys_sql(const Pair& pair);

// Compares both tables where the key is in the range (lower exclusive, upper inclusive; either may be missing).
// Parameters: the lower key columns if there are any, then the upper ones if there are any.
// One row: rows of live, rows of shadow, JSON array of the keys that differ (null: none).
// REQUIRES, as range_end_sql() does: no transaction, because the forms of the keys last until its end.
std::string compare_range_sql(const Pair& pair, bool lower, bool upper);
// The key that ends a range of $n rows beyond the lower bound. Parameters: lower key columns, then the count.
std::string range_end_sql(const Pair& pair, bool lower);

// Compares the rows of given keys. Parameters: transfer::key_params(). One row per key that differs: its place among
// the parameters (from 1), is it in live, is it in the shadow, which columns differ, with both values if `values`.
std::string compare_keys_sql(const Pair& pair, bool values);

}  // namespace pgwraith::shadow
