// What becomes of each view and function at the swap. Pure.
#pragma once

#include "pgwraith/config/settings.h"
#include "pgwraith/plan/mapping.h"
#include "view_graph.h"

namespace pgwraith::carry {

enum class Way {
    leave,
    replace,   // CREATE OR REPLACE: its OID stays
    recreate,  // dropped before the swap's move, created after it
    renew,  // a function that takes or returns the table's rows: a new one beside the old one, which goes with the old
            // table
};

struct Fate {
    Way way = Way::leave;
    bool drop = false;  // a function to renew whose body refers to a view that is dropped: it cannot stay
    std::optional<std::string> given = {};  // the new definition from the configuration
};

// What becomes of a column, by its number in the old table.
struct ColumnChanges {
    std::set<int> gone;  // dropped
    std::set<int> renamed;
    std::set<int> retyped;  // type, modifier or collation
};

ColumnChanges changes_of(const catalog::Table& live, const catalog::Table& shadow, const plan::Mapping& mapping);

bool renames(const plan::Mapping& mapping);

// ALTER TABLE … RENAME COLUMN for all of them, on `table`, which has the old table's columns.
std::string rename_sql(const QualifiedName& table, const plan::Mapping& mapping);

bool meet(const std::set<int>& some, const std::set<int>& others);

std::map<QualifiedName, std::string> given_definitions(const config::Dependents& dependents);

using Fates = std::map<Oid, Fate>;

// `nodes`: what is referred to comes first.
Fates fates_of(const std::vector<ViewNode>& nodes, const ColumnChanges& changes, const config::Dependents& dependents);

// A function's definition under another name.
std::string under_name(const ViewNode& function, const QualifiedName& name);

// CREATE [OR REPLACE] [MATERIALIZED] VIEW `name`, as `definition` says.
std::string create_view_sql(const ViewNode& node, const Fate& fate, const QualifiedName& name,
                            const std::string& definition);

}  // namespace pgwraith::carry
