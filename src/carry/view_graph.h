// The views and SQL-standard functions that hang on the live table, directly or through one another.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::carry {

// A statement that gives a new view something that hung on the old one.
struct HangsOn {
    std::string column;  // of the view, that it needs; empty: none
    std::string sql;
};

enum class NodeKind { view, materialized_view, function };

struct ViewNode {
    Oid oid = 0;
    NodeKind kind = NodeKind::view;
    QualifiedName name;
    std::string identity;          // in words: view app.v
    bool ours = true;              // our role may replace it
    bool direct = false;           // refers to the table itself
    bool respelled = false;        // its definition has the new names of renamed columns
    bool writes = false;           // a function that changes or locks rows
    bool row_type = false;         // an output column, an argument or the result has the table's row type
    std::set<int> columns;         // of the table, by attnum, that it refers to
    std::set<Oid> on;              // those among these that it refers to
    bool may_create = true;        // our role may, in its schema
    bool owner_may_create = true;  // and its owner, to whom a new one must be given
    std::string owner;
    std::string head;                     // what follows the name in CREATE VIEW, up to AS
    std::string definition;               // what follows AS; of a function all of it
    std::string tail;                     // WITH NO DATA
    std::string stub;                     // of a function: the same without a body, so that what it refers to can go
    std::string signature;                // of a function: app.f(a integer)
    std::string lock;                     // a statement that does nothing but lock it
    std::vector<HangsOn> hangs_on;        // in order
    std::vector<std::string> then;        // after the commit
    std::vector<std::string> in_the_way;  // what refers to it and is no part of the graph, by name
};

// What hangs on each, by OID; of stand-ins only what can be said of them.
Task<std::map<Oid, std::vector<HangsOn>>> read_hangs_on(postgres::Connection& connection, Oid live, bool of_stand_ins);

// What is referred to comes before what refers to it.
Task<std::vector<ViewNode>> read_views(postgres::Connection& connection, Oid live);

}  // namespace pgwraith::carry
