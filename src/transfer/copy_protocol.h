// Whether the rows of a pair can go by the COPY protocol in binary format, and by which statements (docs/copy.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/pair.h"

namespace pgwraith::transfer {

struct CopyProtocol {
    std::string obstacle;  // it cannot be used; empty: it can
    std::string select;    // the list of what is read, each in the type of its column
    std::string encoding;  // the server's, to be that of both sessions during the COPY; empty: it is that anyway
};

// A column that is filled from an expression, as the server knows both.
struct FilledColumn {
    std::string name;
    std::string expression;
    bool same_type = true;      // the expression has the column's type already (domains: what they stand on)
    bool built_in = true;       // the column's type, without domains, is one of pg_catalog
    bool same_modifier = true;  // the expression has the column's modifier (length, precision …), or it has none
    bool faithful = true;       // its binary format gives the very bytes back
    bool in_force = true;       // of a domain: its constraints are of old values too
    std::string cast_to;        // the column's type without a modifier
};

// The pure part: `obstacle` or `select`.
CopyProtocol judge_columns(const std::vector<FilledColumn>& columns);

// Asks the server. `connection`: one of those that compute expressions.
Task<CopyProtocol> plan_copy_protocol(postgres::Connection& connection, shadow::Pair pair);

// COPY … FROM STDIN of the pair's columns.
std::string copy_in_sql(const shadow::Pair& pair);
// COPY (SELECT …) TO STDOUT of what `where` selects.
std::string copy_out_sql(const shadow::Pair& pair, const std::string& select, const std::string& where);

}  // namespace pgwraith::transfer
