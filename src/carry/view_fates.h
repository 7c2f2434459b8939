// What becomes of each view and function at the swap.
#pragma once

#include "pgwraith/config/settings.h"
#include "pgwraith/plan/mapping.h"
#include "view_graph.h"

namespace pgwraith::carry {

enum class Way { leave, replace, recreate };

struct Fate {
    Way way = Way::leave;
    std::optional<std::string> given;  // the new definition from the configuration
};

// What becomes of a column, by its number in the old table.
struct Changes {
    std::set<int> gone;     // dropped or renamed
    std::set<int> retyped;  // type, modifier or collation
};

Changes changes_of(const catalog::Table& live, const catalog::Table& shadow, const plan::Mapping& mapping);

bool meet(const std::set<int>& some, const std::set<int>& others);

std::map<QualifiedName, std::string> given_definitions(const config::Dependents& dependents);

// By OID. `nodes`: what is referred to comes first.
std::map<Oid, Fate> settle(const std::vector<ViewNode>& nodes, const Changes& changes,
                           const config::Dependents& dependents);

// CREATE [OR REPLACE] [MATERIALIZED] VIEW `name`, as `definition` says.
std::string create_view_sql(const ViewNode& node, const Fate& fate, const QualifiedName& name,
                            const std::string& definition);

}  // namespace pgwraith::carry
