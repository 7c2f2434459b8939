#include "build_order.h"

#include <algorithm>

#include "pgwraith/base/names.h"

namespace pgwraith::transfer {

std::vector<const shadow::IndexPlan*> missing_indexes(const shadow::Blueprint& blueprint,
                                                      const std::set<std::string>& standing) {
    std::vector<const shadow::IndexPlan*> missing;
    for (const auto& index : blueprint.indexes) {
        if (!standing.contains(index.name)) missing.push_back(&index);
    }
    // Catching up needs the index of the followed key.
    const auto urgency = [](const auto* index) { return index->helper ? 2 : index->constraint_sql.empty() ? 0 : 1; };
    std::ranges::stable_sort(missing, {}, urgency);
    return missing;
}

// Indexes side by side use the cores better than workers within one; those are for when fewer are left.
int parallel_workers(const config::Build& settings, int at_work, std::size_t waiting) {
    const bool side_by_side = at_work + static_cast<int>(waiting) >= settings.workers;
    return side_by_side && settings.workers > 1 ? 0 : settings.parallel_workers;
}

std::string constraints_sql(const shadow::Blueprint& blueprint, const std::set<std::string>& constraints) {
    std::string sql = "BEGIN;";
    for (const auto& index : blueprint.indexes) {
        if (!index.constraint_sql.empty() && !constraints.contains(index.name)) sql += index.constraint_sql + ";";
        for (const auto& after : index.after_sql) sql += after + ";";
    }
    return sql + "COMMIT";
}

std::vector<std::string> missing_constraints(const shadow::Blueprint& blueprint,
                                             const std::set<std::string>& constraints) {
    std::vector<std::string> missing;
    for (const auto& statement : blueprint.after_build_sql) {
        const bool stands = std::ranges::any_of(constraints, [&](const std::string& name) {
            return statement.find(" ADD CONSTRAINT " + quote_identifier(name) + " ") != std::string::npos;
        });
        if (!stands) missing.push_back(statement);
    }
    return missing;
}

}  // namespace pgwraith::transfer
