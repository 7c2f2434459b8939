// The live table and its shadow, and the SQL statements that compare and carry rows between them.
#pragma once

#include <string>
#include <vector>

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
// ctid >= '(a,0)' AND ctid < '(b,0)'; `of`: the alias of the table and a dot.
std::string block_range(std::uint32_t begin, std::uint32_t end, std::string_view of = "");

// What the applier does with changed keys: the first statement, then the second, under one snapshot. Parameters of all:
// transfer::key_params().
// The rows are replaced: all go, then those that the live table has come. Unique values may have moved between them.
std::string delete_keys_sql(const Pair& pair);
std::string insert_keys_sql(const Pair& pair);
// The rows are updated: those that the live table has no longer go, then the others are updated or inserted. Most
// updates write no index. REQUIRES: mapping.updatable; a unique value that moved between rows is a violation.
std::string delete_gone_keys_sql(const Pair& pair);
std::string update_keys_sql(const Pair& pair);
// After the rows of several pages of keys went: two pages may have the same key in other words (1.0 and 1.00), and then
// the second one finds the row that the first one has put there. update_keys_sql() where the server can.
std::string put_keys_sql(const Pair& pair);

// Blocks of one of the tables, as conditions that block_range() makes; no overlaps.
struct ComparedBlocks {
    std::vector<std::string> core;  // all of their rows are compared
    std::vector<std::string> near;  // their rows are only partners for those of the other table
};

// Compares the rows of these blocks by key, whatever its order. No parameters.
// One row: rows of live, rows of shadow, JSON array of the keys that differ or have no partner there (null: none), the
// file nodes of both tables as they were read.
// REQUIRES: no transaction, because the forms of the keys last until its end.
std::string compare_blocks_sql(const Pair& pair, const ComparedBlocks& live, const ComparedBlocks& shadow);

// In the order of the key. Columns of plain types, whose operators mean the same in both tables; else the order of the
// one index need not be that of the other.
bool has_plain_order(const Pair& pair);
// Compares both tables where the key is in the range (lower exclusive, upper inclusive; either may be missing).
// Parameters: the lower key columns if there are any, then the upper ones if there are any. REQUIRES:
// has_plain_order(). Otherwise as compare_blocks_sql().
std::string compare_range_sql(const Pair& pair, bool lower, bool upper);
// The key that ends a range of $n + 1 rows beyond the lower bound. Parameters: lower key columns, then the count.
// REQUIRES: has_plain_order(), no transaction.
std::string range_end_sql(const Pair& pair, bool lower);
// Of the rows of the live table at the places $1: their blocks and their places in the order of the key, by block.
std::string sampled_order_sql(const Pair& pair);
// Of the rows of the shadow at the places $1: the transactions that wrote them.
std::string sampled_writers_sql(const Pair& pair);

// Of the rows of the shadow at the places $1 the first of each transaction that wrote some, if they have a partner:
// their block, the partner's, the transaction. May fail because of a value that no live row can have.
std::string partners_sql(const Pair& pair);

// Compares the rows of given keys. Parameters: transfer::key_params(). One row per key that differs: its place among
// the parameters (from 1), is it in live, is it in the shadow, which columns differ, with both values if `values`.
std::string compare_keys_sql(const Pair& pair, bool values);

}  // namespace pgwraith::shadow
