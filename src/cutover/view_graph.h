// The views and SQL-standard functions that hang on the live table, directly or through one another.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::cutover {

struct ViewNode {
    Oid oid = 0;
    char kind = 0;  // 'v' view, 'm' materialized view, 'f' function
    QualifiedName name;
    std::string identity;                 // in words: view app.v
    bool ours = true;                     // our role may replace it
    bool direct = false;                  // refers to the table itself
    bool writes = false;                  // a function that changes or locks rows
    bool returns_row = false;             // an output column has the table's row type
    std::set<int> columns;                // of the table, by attnum, that it refers to
    std::set<Oid> on;                     // the views among these that it refers to
    std::string head;                     // CREATE [OR REPLACE] VIEW …: what follows, up to AS
    std::string definition;               // what follows AS; of a function all of it
    std::string tail;                     // WITH NO DATA
    std::string stub;                     // of a function: the same without a body, so that what it refers to can go
    std::string lock;                     // a statement that does nothing but lock it
    std::vector<std::string> hangs_on;    // statements that give a new view what hangs on it
    std::vector<std::string> then;        // after the commit
    std::vector<std::string> in_the_way;  // what refers to it and is no part of the graph, by name
};

// What is referred to comes before what refers to it.
Task<std::vector<ViewNode>> read_views(postgres::Connection& connection, Oid live);

}  // namespace pgwraith::cutover
